import { isActive, userVerb } from '../../families/verbs.ts';
import { driftedOf } from '../../transitions/generations.ts';
import { stoppedStack, troubleWith } from '../../transitions/lifecycle.ts';

/** Stop a stack's unit; its containers stop with it. A unit that is not active stays as it is: failed stays failed. */
export default userVerb({
  verb: 'stop',
  kind: 'command',
  says: 'stop',
  mayFail: (world, stack) => [
    ...driftedOf(world, stack).map(path => `${path} has drifted`),
    ...troubleWith(world, stack),
  ],
  expected: (world, stack, ok) => (ok && isActive(world, stack) ? stoppedStack(world, stack) : world),
});
