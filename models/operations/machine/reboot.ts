import { fault } from '../../families/fault.ts';
import { bootedAfter } from '../../transitions/boot.ts';

/**
 * The machine is shut down and boots again (scenario S11): /run is empty, the registry runs again, and the user manager starts
 * if linger is on (facts-debian13 F89). Not with a full disk: the lab keeps that disk in memory, and a boot would empty it.
 */
export default fault({
  fault: 'reboot',
  says: 'reboot the machine',
  kind: 'command',
  possible: world => world.store === 'roomy',
  after: bootedAfter,
});
