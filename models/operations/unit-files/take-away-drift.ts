import { driftedThere, isWritable } from '../../families/drift.ts';
import { operation } from '../../operation.ts';
import { ownedFiles } from '../../transitions/generations.ts';
import { withFiles } from '../../transitions/lookup.ts';
import { stackIn, without } from '../../transitions/systemd.ts';
import type { World } from '../../world.ts';

/**
 * Somebody removes by hand what was placed by hand in the search path. Nothing is reloaded. Only files beside the owner's are
 * offered; files in place of the owner's can be removed too, as in a recovery (models/search/recovery.ts).
 */
export default operation<{ stack: string; path: string }>({
  kind: 'drift',
  needs: ['place'],
  describe: ({ path }) => `take ${path} away`,
  choices: world => Object.keys(world.stacks).flatMap(stack => beside(world, stack).map(path => ({ stack, path }))),
  allowed: (world, { stack, path }) =>
    Object.hasOwn(world.stacks, stack) && isWritable(world, path) && driftedThere(world, stack).includes(path),
  apply: (host, { path }) => host.place(path, { kind: 'nothing' }),
  expected: (world, { path }) =>
    Object.keys(world.stacks)
      .filter(stack => stackIn(world, stack).files[path] !== undefined)
      .reduce((now, stack) => withFiles(now, stack, without(stackIn(now, stack).files, [path])), world),
});

const beside = (world: World, stack: string): readonly string[] => {
  const owned = ownedFiles(world, world.installed, stack);
  return driftedThere(world, stack).filter(path => owned[path] === undefined && isWritable(world, path));
};
