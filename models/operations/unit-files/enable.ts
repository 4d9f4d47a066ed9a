import {
  afterReload,
  byUnitFiles,
  inTheWay,
  isLinkOnDisk,
  unitInConfig,
  wantsInConfig,
} from '../../families/unit-files.ts';
import { unitOf, verbDirectories } from '../../machine/search-path.ts';
import type { OnDisk } from '../../observation.ts';
import { resolve, stackIn } from '../../transitions/systemd.ts';
import type { World } from '../../world.ts';

/**
 * `systemctl --user enable`: makes the link by which default.target wants the unit; it points to the file to which the unit's
 * path leads, and replaces a link to another file (facts.md F16, F31). Something that is not a link stays, and the command
 * fails. If the unit's own link leads out of the search path, a link to that file is first made where verbs write: it then
 * shadows a unit that NixOS installed in /etc (systemd's install_info_symlink_link; seen on 257).
 */
export default byUnitFiles({
  verb: 'enable',
  says: 'enable',
  mayFail: (world, stack) => {
    const { files } = stackIn(world, stack);
    const { loadState } = resolve(files, stack);
    const there = files[wantsInConfig(world, stack)];
    return [
      ...(loadState === 'loaded' ? [] : [`${unitOf(stack)} is ${loadState}`]),
      ...(there?.kind === 'file' || there?.kind === 'directory' ? ['the place of the link is taken'] : []),
      ...inTheWay(files, stack),
      ...(isTransient(world, stack) ? [`${unitOf(stack)} is transient`] : []),
    ];
  },
  expected: (world, stack) => {
    const { files } = stackIn(world, stack);
    const path = wantsInConfig(world, stack);
    const link = linkTo(world, stack);
    if (link === null) return afterReload(world, stack, files);
    const linked = isLinkedFromElsewhere(world, stack) ? { ...files, [unitInConfig(world, stack)]: link } : files;
    return afterReload(world, stack, leadsTo(files[path], link) ? linked : { ...linked, [path]: link });
  },
});

/** A file in systemd's directory for transient units is taken for one, and cannot be enabled (seen on 257). */
function isTransient(world: World, stack: string): boolean {
  const { files } = stackIn(world, stack);
  const { fragmentPath } = resolve(files, stack);
  return (
    fragmentPath.startsWith(`${verbDirectories(world.setup.owner).transient}/`) && files[fragmentPath]?.kind === 'file'
  );
}

/** Whether the strongest unit file is a link in another directory than the one where verbs write. */
function isLinkedFromElsewhere(world: World, stack: string): boolean {
  const { files } = stackIn(world, stack);
  const { fragmentPath } = resolve(files, stack);
  return fragmentPath !== unitInConfig(world, stack) && isLinkOnDisk(files[fragmentPath]);
}

/** The link that enable makes: to the file to which the strongest unit file leads. */
function linkTo(world: World, stack: string): (OnDisk & { kind: 'link' }) | null {
  const { files } = stackIn(world, stack);
  const { fragmentPath } = resolve(files, stack);
  const file = files[fragmentPath];
  if (file === undefined || file.kind === 'directory') return null;
  const store = `/nix/store/…-unit-${unitOf(stack)}/${unitOf(stack)}`;
  const target = file.kind === 'generation' ? store : file.kind === 'link' ? file.target : fragmentPath;
  return { kind: 'link', target, definition: file.definition };
}

/** Whether an existing link already leads to the same file. */
const leadsTo = (now: OnDisk | undefined, link: OnDisk & { kind: 'link' }): boolean => {
  if (now?.kind === 'link') return now.target === link.target && sameDefinition(now, link);
  return now?.kind === 'generation' && link.target.startsWith('/nix/store/') && sameDefinition(now, link);
};

const sameDefinition = (one: OnDisk, other: OnDisk): boolean =>
  one.kind !== 'directory' &&
  other.kind !== 'directory' &&
  one.definition?.revision === other.definition?.revision &&
  one.definition?.marker === other.definition?.marker;
