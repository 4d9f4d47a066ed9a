import { stopped } from '../lifecycle.ts';
import { stackIn, withStack } from '../systemd.ts';
import { isActive, userVerb } from '../verbs.ts';

/**
 * Send SIGTERM to every process of a stack's unit. Its containers end by it where they live in the unit; the unit, which
 * has done its work, stays active (facts-debian13 F75).
 */
export default userVerb({
  verb: 'kill',
  kind: 'drift',
  says: 'kill',
  possible: isActive,
  expected: (world, stack, ok) =>
    ok && world.setup.traits.containersInUnit
      ? withStack(world, stack, { containers: stopped(stackIn(world, stack).containers) })
      : world,
});
