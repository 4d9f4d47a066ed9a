import { fault } from '../../families/fault.ts';
import { bootedAfter } from '../../transitions/boot.ts';

/** The machine loses its power and boots again: nothing was shut down, and what ran is gone as with a reboot. */
export default fault({
  fault: 'power-cut',
  says: 'cut the power of the machine, and boot it again',
  kind: 'command',
  possible: world => world.store === 'roomy',
  after: bootedAfter,
});
