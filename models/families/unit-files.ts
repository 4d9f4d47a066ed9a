import type { Verb } from '../host.ts';
import { type UnitDirectory, unitOf, wantsPath } from '../machine/search-path.ts';
import type { OnDisk } from '../observation.ts';
import type { Args, Operation } from '../operation.ts';
import { withFiles } from '../transitions/lookup.ts';
import { isMask, reloaded, stackIn, stackPaths } from '../transitions/systemd.ts';
import type { World } from '../world.ts';
import { userVerb } from './verbs.ts';

type Files = World['stacks'][string]['files'];

/** Where `systemctl --user` makes its changes by default. */
export const config: UnitDirectory = '~/.config/systemd/user';

/**
 * A verb that changes files of a unit, and reloads the manager when it succeeds. Typed by hand, so nobody guarantees its
 * result.
 */
export interface FileVerb {
  readonly verb: Verb;
  readonly says: string;
  mayFail?(world: World, stack: string): readonly string[];
  /** The world after it succeeded. */
  expected(world: World, stack: string): World;
}

export const byUnitFiles = ({ expected, ...rule }: FileVerb): Operation<Args & { stack: string }> =>
  userVerb({ ...rule, kind: 'drift', expected: (world, stack, ok) => (ok ? expected(world, stack) : world) });

/** The world in which a stack has these files and the manager has read all unit files again. */
export const afterReload = (world: World, stack: string, files: Files): World =>
  reloaded(withFiles(world, stack, files));

export const isLinkOnDisk = (file: OnDisk | undefined): boolean => file?.kind === 'link' || file?.kind === 'generation';

/** A unit that has no file anywhere, and no link that the verb would remove (seen on systemd 257). */
export const isNowhere = (files: Files, stack: string): readonly string[] =>
  stackPaths(stack).units.some(path => files[path] !== undefined) || isLinkOnDisk(files[wantsPath(config, stack)])
    ? []
    : [`${unitOf(stack)} has no file`];

/** Directories where unit files should be: systemctl fails there (seen on systemd 257). */
export const inTheWay = (files: Files, stack: string): readonly string[] =>
  stackPaths(stack)
    .units.filter(path => files[path]?.kind === 'directory')
    .map(path => `${path} is a directory`);

/** A link to /dev/null at a path. With force it replaces any link, but never a file or a directory. */
export const masking = (
  verb: Verb,
  says: string,
  pathIn: (stack: string) => string,
): Operation<Args & { stack: string }> =>
  byUnitFiles({
    verb,
    says,
    mayFail: (world, stack) => {
      const there = stackIn(world, stack).files[pathIn(stack)];
      const makesRoom = there === undefined || (isLinkOnDisk(there) && (isMask(there) || verb === 'mask --force'));
      return makesRoom ? [] : [`${pathIn(stack)} stands where the mask of ${unitOf(stack)} would`];
    },
    expected: (world, stack) => {
      const { files } = stackIn(world, stack);
      const mask: OnDisk = { kind: 'link', target: '/dev/null', definition: null };
      return afterReload(world, stack, { ...files, [pathIn(stack)]: mask });
    },
  });
