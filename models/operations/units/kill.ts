import { isActive, userVerb } from '../../families/verbs.ts';
import { unitOf } from '../../machine/search-path.ts';
import { stackIn, withStack } from '../../transitions/systemd.ts';
import { laidOutContainer, type StackWorld } from '../../world.ts';

/**
 * Send SIGTERM to every process of a stack's unit. Its containers end by it where their monitors live in the unit; the
 * unit, which has done its work, stays active (facts-debian13 F75).
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
 * What a hand made has its monitor elsewhere, and what lost its monitor has nothing in the unit. What its restart policy
 * says to run again podman does (F85), unless the signal met the very process that its monitor leaves that to: then it
 * stays exited (all seen on podman 5.4.2).
 */
const ended = (containers: StackWorld['containers'], unit: string): StackWorld['containers'] =>
  Object.fromEntries(
    Object.entries(containers).map(([name, c]) => [
      name,
      c.unit === unit && c.state === 'running' ? laidOutContainer(c, c.restart === 'no' ? 'exited' : 'undecided') : c,
    ]),
  );
