import { isActive, userVerb } from '../../families/verbs.ts';
import { unitOf } from '../../machine/search-path.ts';
import { stackIn, withStack } from '../../transitions/systemd.ts';
import { laidOutContainer, type StackWorld } from '../../world.ts';

/**
 * Send SIGTERM to every process of a stack's unit. Its containers end if their conmon runs in the unit. The unit is a oneshot
 * that is done, and stays active (facts-debian13 F75).
 */
export default userVerb({
  verb: 'kill',
  kind: 'drift',
  says: 'kill',
  possible: isActive,
  expected: (world, stack, ok) =>
    ok && world.setup.traits.containersInUnit
      ? withStack(world, stack, { containers: ended(stackIn(world, stack).containers, unitOf(stack)) })
      : world,
});

/**
 * A container made by hand has its conmon elsewhere, and one that lost its conmon has no process in the unit. Podman runs a
 * container again if its restart policy says so (F85), unless the signal killed the very process that conmon uses for that:
 * then it stays exited (all seen on podman 5.4.2).
 */
const ended = (containers: StackWorld['containers'], unit: string): StackWorld['containers'] =>
  Object.fromEntries(
    Object.entries(containers).map(([name, c]) => [
      name,
      c.unit === unit && c.state === 'running' ? laidOutContainer(c, c.restart === 'no' ? 'exited' : 'undecided') : c,
    ]),
  );
