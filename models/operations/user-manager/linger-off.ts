import { fault } from '../../families/fault.ts';
import { withoutRuntime } from '../../transitions/user-manager.ts';

/**
 * `loginctl disable-linger`: nobody is logged in, so the user manager and every container end within seconds (scenario S11;
 * facts-debian13 F92).
 */
export default fault({
  fault: 'linger-off',
  says: 'take linger away from the operator',
  kind: 'drift',
  possible: world => world.linger && !world.forgotten,
  after: world => ({ ...withoutRuntime(world), linger: false }),
});
