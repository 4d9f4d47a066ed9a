import { isActive, starting, userVerb } from '../../families/verbs.ts';
import { unitOf } from '../../machine/search-path.ts';
import type { World } from '../../world.ts';

const nothing: readonly string[] = [];

/** A unit that is not found, or could not be loaded, is refused by every verb. */
function nowhere(world: World, stack: string): readonly string[] {
  const loadState = world.stacks[stack]?.loaded.loadState;
  return loadState === 'not-found' || loadState === 'error' ? [`${unitOf(stack)} is ${loadState}`] : nothing;
}

/**
 * Restart a stack's unit if it is active, and do nothing if it is not (man systemctl). With a unit that is active and has lost
 * its definition, or is masked, systemd does nothing either, and reports it only if the unit is not found.
 */
export default userVerb({
  verb: 'try-restart',
  kind: 'command',
  says: 'try to restart',
  mayFail: (world, stack) => (isActive(world, stack) ? starting.mayFail(world, stack) : nowhere(world, stack)),
  mustFail: (world, stack) =>
    isActive(world, stack) && world.stacks[stack]?.loaded.loadState === 'loaded'
      ? starting.mustFail(world, stack)
      : nothing,
  expected: (world, stack, ok) => (isActive(world, stack) ? starting.expected(world, stack, ok) : world),
});
