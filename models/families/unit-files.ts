import type { Verb } from '../host.ts';
import { alsoWantsPath, scopeOf, unitOf, unitPath, verbDirectories, wantsPath } from '../machine/search-path.ts';
import type { OnDisk } from '../observation.ts';
import type { Args, Operation } from '../operation.ts';
import { withFiles } from '../transitions/lookup.ts';
import { isMask, reloaded, resolve, stackIn, stackPaths } from '../transitions/systemd.ts';
import type { World } from '../world.ts';
import { userVerb } from './verbs.ts';

type Files = World['stacks'][string]['files'];

/** The path of a stack's unit where systemctl makes its changes by default. */
export const unitInConfig = ({ setup }: World, stack: string): string =>
  unitPath(verbDirectories(setup.owner).config, stack);

/** The link by which the unit is wanted, in the same directory. */
export const wantsInConfig = ({ setup }: World, stack: string): string =>
  wantsPath(verbDirectories(setup.owner).config, stack);

/** The link of another target, in the same directory. */
export const alsoWantsInConfig = ({ setup }: World, stack: string): string =>
  alsoWantsPath(verbDirectories(setup.owner).config, stack);

/**
 * A verb that changes files of a unit, and reloads the manager when it succeeds. Typed by hand, so nobody guarantees its
 * result.
 */
export interface FileVerb {
  readonly verb: Verb;
  readonly says: string;
  possible?(world: World, stack: string): boolean;
  mayFail?(world: World, stack: string): readonly string[];
  /** The world after it succeeded. */
  expected(world: World, stack: string): World;
}

export const byUnitFiles = ({ expected, ...rule }: FileVerb): Operation<Args & { stack: string }> =>
  userVerb({
    ...rule,
    kind: 'drift',
    mayFail: (world, stack) => [...unwritable(world), ...(rule.mayFail?.(world, stack) ?? [])],
    expected: (world, stack, ok) => (ok ? expected(world, stack) : world),
  });

/** The system's manager keeps in /etc what the operator's keeps below their home. */
const unwritable = ({ setup, etc }: World): readonly string[] =>
  etc === 'read-only' && scopeOf(setup.owner) === 'system' ? ['/etc cannot be written'] : [];

/** The world in which a stack has these files and the manager has read all unit files again. */
export const afterReload = (world: World, stack: string, files: Files): World =>
  reloaded(withFiles(world, stack, files));

export const isLinkOnDisk = (file: OnDisk | undefined): boolean => file?.kind === 'link' || file?.kind === 'generation';

/** A unit that has no file anywhere, and no link that the verb would remove (seen on systemd 257). */
export const isNowhere = (world: World, stack: string): readonly string[] => {
  const { files } = stackIn(world, stack);
  return stackPaths(stack).units.some(path => files[path] !== undefined) ||
    [wantsInConfig, alsoWantsInConfig].some(pathIn => isLinkOnDisk(files[pathIn(world, stack)]))
    ? []
    : [`${unitOf(stack)} has no file`];
};

/** Directories where unit files should be: systemctl fails there (seen on systemd 257). */
export const inTheWay = (files: Files, stack: string): readonly string[] =>
  stackPaths(stack)
    .units.filter(path => files[path]?.kind === 'directory')
    .map(path => `${path} is a directory`);

/** A link to /dev/null at a path. With force it replaces any link, but never a file or a directory. */
export const masking = (
  verb: Verb,
  says: string,
  pathIn: (world: World, stack: string) => string,
): Operation<Args & { stack: string }> =>
  byUnitFiles({
    verb,
    says,
    mayFail: (world, stack) => {
      const path = pathIn(world, stack);
      const there = stackIn(world, stack).files[path];
      const makesRoom = there === undefined || (isLinkOnDisk(there) && (isMask(there) || verb === 'mask --force'));
      return makesRoom ? [] : [`${path} stands where the mask of ${unitOf(stack)} would`];
    },
    expected: (world, stack) => {
      const { files } = stackIn(world, stack);
      const mask: OnDisk = { kind: 'link', target: '/dev/null', definition: null };
      return afterReload(world, stack, { ...files, [pathIn(world, stack)]: mask });
    },
  });

/** A verb that makes a link by which a target wants the unit, to the file to which the unit's path leads. */
export const byWish = ({
  pathIn,
  ...rule
}: Pick<FileVerb, 'verb' | 'says' | 'possible'> & { pathIn(world: World, stack: string): string }) =>
  byUnitFiles({
    ...rule,
    mayFail: (world, stack) => {
      const { files } = stackIn(world, stack);
      const { loadState } = resolve(files, stack);
      const there = files[pathIn(world, stack)];
      return [
        ...(loadState === 'loaded' ? [] : [`${unitOf(stack)} is ${loadState}`]),
        ...(there?.kind === 'file' || there?.kind === 'directory' ? ['the place of the link is taken'] : []),
        ...inTheWay(files, stack),
        ...(isTransient(world, stack) ? [`${unitOf(stack)} is transient`] : []),
      ];
    },
    expected: (world, stack) => {
      const { files } = stackIn(world, stack);
      const path = pathIn(world, stack);
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
