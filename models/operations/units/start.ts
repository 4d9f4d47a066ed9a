import { isActive, starting, userVerb } from '../../families/verbs.ts';
import { completed } from '../../transitions/own-units.ts';
import { stackIn } from '../../transitions/systemd.ts';
import type { World } from '../../world.ts';

const nothing: readonly string[] = [];

/** Start a stack's unit. If it is active already, nothing is run (facts.md F17), as long as it has a definition. */
export default userVerb({
  verb: 'start',
  kind: 'command',
  says: 'start',
  mayFail: (world, stack) => (runs(world, stack) ? nothing : starting.mayFail(world, stack)),
  mustFail: (world, stack) => (runs(world, stack) ? nothing : starting.mustFail(world, stack)),
  expected: (world, stack, ok) => {
    if (!isActive(world, stack)) return starting.expected(world, stack, ok);
    return ok && world.setup.traits.ownUnits ? completed(world, stack) : world;
  },
});

/** A unit that is active and masked, or has lost its definition, is refused as in any other state. */
const runs = (world: World, stack: string): boolean =>
  isActive(world, stack) && stackIn(world, stack).loaded.loadState === 'loaded';
