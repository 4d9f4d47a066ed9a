import { fault } from '../../families/fault.ts';
import { withoutRuntime } from '../../transitions/user-manager.ts';

/**
 * `loginctl terminate-user`: the user manager ends, and with it every process of the operator. Linger does not start it again
 * (scenario S11; facts.md F22; defects.md D21).
 */
export default fault({
  fault: 'terminate-user',
  says: "terminate the operator's sessions and user manager",
  kind: 'command',
  possible: world => world.manager === 'running' && !world.forgotten,
  after: world => ({ ...withoutRuntime(world), forgotten: world.setup.traits.logindForgets }),
});
