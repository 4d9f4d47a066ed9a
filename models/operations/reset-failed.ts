import { noticed, stackIn, withStack } from '../systemd.ts';
import { userVerb } from '../verbs.ts';

/** Have the user manager forget that a stack's unit failed. */
export default userVerb({
  verb: 'reset-failed',
  kind: 'command',
  says: 'reset the failure of',
  grounds: (world, stack) => (stackIn(world, stack).loaded.loadState === 'loaded' ? [] : ['the unit is not loaded']),
  expected: (world, stack, ok) =>
    ok && stackIn(world, stack).active === 'failed'
      ? noticed(withStack(world, stack, { active: 'inactive' }), stack)
      : world,
});
