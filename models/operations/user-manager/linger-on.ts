import { fault } from '../../families/fault.ts';
import { managerCannotStart } from '../../transitions/systemd.ts';
import { withManager } from '../../transitions/user-manager.ts';

/**
 * `loginctl enable-linger`: the user manager starts, and with it what default.target wants (scenario S11; facts-debian13 F92).
 */
export default fault({
  fault: 'linger-on',
  says: 'let the operator linger again',
  kind: 'command',
  weight: 3,
  possible: world => !world.linger && managerCannotStart(world).length === 0,
  after: world => withManager({ ...world, linger: true, forgotten: false }),
});
