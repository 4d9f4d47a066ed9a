import { searchPath } from '../../../../models/machine/search-path.ts';
import type { HostProfile } from '../../deployment.ts';
import type { OwnHost } from '../own-host.ts';
import { registryPaths } from '../registry/probe-registry.ts';
import type { GuardedHost, Kept } from './settings.ts';

/** Directories of the operator's whose units a lever may touch, and where levers put what they take away. */
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
];

/** The same of root's. */
const roots = [
  '/etc/systemd/user',
  '/run/systemd/user',
  '/usr/local/share/systemd/user',
  '/usr/local/lib/systemd/user',
  '/var/lib/stackfuzz/profile',
  '/var/lib/stackfuzz/wanted*',
];

/** Generations that a rebuild of somebody's own makes: whoever may write beside the profile takes them away again. */
function generationsOf(state: HostProfile['state'], root: boolean): Partial<Kept> {
  const isTheirs = state.profile.startsWith('~');
  if (!isTheirs && !root) return {};
  const { profile, generations: links } = state;
  return {
    generations: { side: isTheirs ? 'operator' : 'root', profile, links, mark: `${state.tree}/${state.declaration}` },
  };
}

/**
 * What a lever may put into the directories of the search path that packages and running sessions write too: by the names of
 * the stacks under test, so that an upgrade in the same night is not put back.
 */
const sharedWithOthers = (prefix: string): readonly string[] =>
  searchPath
    .filter(directory => ![...operators, ...roots].some(kept => directory === kept || directory.startsWith(`${kept}/`)))
    .flatMap(directory => ['', '*.wants/', '*.requires/'].map(below => `${directory}/${below}${prefix}*`));

/** What the install and rebuild commands of the shipped profiles put into the system, beside generations. */
const installedBy = (unit: string): readonly string[] => [
  ...[unit, 'nixos-activation.service'].flatMap(each => [
    `/etc/systemd/system/${each}`,
    `/etc/systemd/system/multi-user.target.wants/${each}`,
  ]),
  '/etc/static',
  '/etc/stackfuzz/declaration.json',
];

/**
 * A machine of the hosts file as the guard must know it.
 * @param profile what is under test there: where its owner keeps generations and links
 */
export function guardedHostOf(host: OwnHost, profile: Pick<HostProfile, 'state'>): GuardedHost {
  const { state } = profile;
  const root = host.root !== 'none';
  const unit = `home-manager-${host.operator}.service`;
  const declared = host.declaration === null ? [] : [host.declaration, `${host.declaration}.new`];
  const { commands } = host;
  // A system that rebuilds by commands of its own makes generations of its own: it leads to the same one again in the end.
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
    expendable: host.expendable,
    kept: {
      // What the operator cannot write, no lever without root has changed.
      operator: [...operators, ...theirs, ...brought.operator, ...(root ? [] : others)],
      root: [...roots, ...others, ...brought.root, ...(commands === 'profile' ? installedBy(unit) : [])],
      systemUnits: [...(host.probe.unit === undefined || host.probe.serve ? [] : [host.probe.unit]), unit],
      watched: ['/run/current-system', ...(commands === 'profile' ? [] : [state.profile])],
      ...(commands !== 'profile' && generationsOf(state, root)),
      rebuild: commands !== 'profile' && commands.rebuild.as === 'root' ? commands.rebuild.run : null,
      repositories: [host.probe.image],
      registries: [`${scheme}://${registry}/v2/${repository.join('/')}`],
    },
  };
}
