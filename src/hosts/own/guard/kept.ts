import { searchPath } from '../../../../models/machine/search-path.ts';
import type { HostProfile } from '../../deployment.ts';
import type { OwnHost } from '../own-host.ts';
import { registryPaths } from '../registry/probe-registry.ts';
import type { GuardedHost, Kept } from './settings.ts';

/** Directories of the operator's in which levers change units, or into which they move what they remove. */
const operators = [
  '~/.config/systemd',
  '~/.local/share/systemd',
  '~/.config/containers/systemd',
  '~/.config/stackfuzz/declaration.json',
  '~/.local/share/stackfuzz',
  '~/secrets',
  '~/drift',
  '%t/systemd/user',
  '%t/systemd/user.control',
  // What the scripts of hardened set aside, their lock, and why a stack of theirs did not start.
  '~/.local/state/stack-drift',
  '~/.local/state/stacks.lock',
  '%t/stack-why',
];

/** The same for root. */
const roots = [
  '/etc/systemd/user',
  '/run/systemd/user',
  '/usr/local/share/systemd/user',
  '/usr/local/lib/systemd/user',
  '/var/lib/stackfuzz/profile',
  '/var/lib/stackfuzz/wanted*',
];

/** Generations that rebuilds make: the user who may write beside the profile also removes them. */
function generationsOf(state: HostProfile['state'], root: boolean): Partial<Kept> {
  const isTheirs = state.profile.startsWith('~');
  if (!isTheirs && !root) return {};
  const { profile, generations: links } = state;
  return {
    generations: { side: isTheirs ? 'operator' : 'root', profile, links, mark: `${state.tree}/${state.declaration}` },
  };
}

/**
 * What a lever may put into directories of the search path where packages and running sessions write too. These are patterns
 * with the names of stacks under test, so that a package upgrade in the same night is not undone.
 */
const sharedWithOthers = (prefix: string): readonly string[] =>
  searchPath
    .filter(directory => ![...operators, ...roots].some(kept => directory === kept || directory.startsWith(`${kept}/`)))
    .flatMap(directory => ['', '*.wants/', '*.requires/'].map(below => `${directory}/${below}${prefix}*`));

/** What the install and rebuild commands of the shipped profiles put into the system, besides generations. */
const installedBy = (unit: string): readonly string[] => [
  ...[unit, 'nixos-activation.service'].flatMap(each => [
    `/etc/systemd/system/${each}`,
    `/etc/systemd/system/multi-user.target.wants/${each}`,
  ]),
  '/etc/static',
  '/etc/stackfuzz/declaration.json',
  '/run/nixos/switch-to-configuration.lock',
  // nix-env makes it for whoever runs it.
  '/root/.nix-defexpr',
];

/** Directories that Nix makes for users in whose name it was never run before. */
const madeByNix = ['/nix/var/nix/profiles/per-user', '/nix/var/nix/profiles/per-user/root'];

/** The units that a profile brings along beside those of the stacks: their templates have names of their own. */
const unitsBeside = (templates: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(templates).flatMap(path => /^units\/([^{}/]+)$/.exec(path)?.[1] ?? []);

/**
 * A machine of the hosts file, in the form that the guard needs.
 * @param profile the profile under test: where its owner keeps generations and links, and the templates of its units
 */
export function guardedHostOf(
  host: OwnHost,
  profile: Pick<HostProfile, 'state'> & { readonly templates?: Readonly<Record<string, string>> },
): GuardedHost {
  const { state, templates = {} } = profile;
  const root = host.root !== 'none';
  const unit = `home-manager-${host.operator}.service`;
  const declared = host.declaration === null ? [] : [host.declaration, `${host.declaration}.new`];
  const { commands } = host;
  // A system that is rebuilt by commands of its owner makes its own generations; the restore leads back to the recorded one.
  const places = [...declared, ...(commands === 'profile' ? [state.home, state.profile, state.generations] : [])];
  const all = [...sharedWithOthers(host.prefix), ...places];
  const theirs = all.filter(path => /^[~%]/.test(path));
  const others = all.filter(path => !/^[~%]/.test(path));
  const [registry = '', ...repository] = host.probe.image.split('/');
  const scheme = /^(localhost|127\.)/.test(registry) ? 'http' : 'https';
  const brought = host.probe.serve === true ? registryPaths : { operator: [], root: [] };
  return {
    name: host.name,
    operator: host.operator,
    prefix: host.prefix,
    root,
    unattended: host.budgets.unattended,
    wide: host.operations.allow.length > 0,
    production: host.production,
    // What a rebuild of the profile's starts beside the stacks is nobody else's.
    expendable: [...host.expendable, ...unitsBeside(templates)],
    kept: {
      // Without root, levers cannot have changed what the operator cannot write.
      operator: [...operators, ...theirs, ...brought.operator, ...(root ? [] : others)],
      root: [...roots, ...others, ...brought.root, ...(commands === 'profile' ? installedBy(unit) : [])],
      ...(commands === 'profile' && { emptied: { root: madeByNix } }),
      systemUnits: [...(host.probe.unit === undefined || host.probe.serve ? [] : [host.probe.unit]), unit],
      watched: ['/run/current-system', ...(commands === 'profile' ? [] : [state.profile])],
      ...(commands !== 'profile' && generationsOf(state, root)),
      rebuild: commands !== 'profile' && commands.rebuild.as === 'root' ? commands.rebuild.run : null,
      repositories: [host.probe.image],
      registries: [`${scheme}://${registry}/v2/${repository.join('/')}`],
    },
  };
}
