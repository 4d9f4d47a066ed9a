import { userVerb } from '../../families/verbs.ts';
import { stackIn, withStack } from '../../transitions/systemd.ts';

/** Make the user manager forget that a stack's unit failed. */
export default userVerb({
  verb: 'reset-failed',
  kind: 'command',
  says: 'reset the failure of',
  // This loads no unit: one that is inactive and not wanted is not in memory.
  mayFail: (world, stack) => {
    const { loaded, active, wanted } = stackIn(world, stack);
    return loaded.loadState === 'loaded' && (active !== 'inactive' || wanted) ? [] : ['the unit is not loaded'];
  },
  // Its starts are counted from 0 again, whether it had failed or not (man systemctl).
  expected: (world, stack, ok) => {
    const { active, begun } = stackIn(world, stack);
    if (!ok || (active !== 'failed' && begun === 0)) return world;
    return withStack(world, stack, { active: active === 'failed' ? 'inactive' : active, begun: 0 });
  },
});
