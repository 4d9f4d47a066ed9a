import { fault } from '../../families/fault.ts';

/** /etc can be written again. */
export default fault({
  fault: 'etc-writable',
  says: 'make /etc writable again',
  kind: 'drift',
  weight: 2,
  possible: world => world.etc === 'read-only',
  after: world => ({ ...world, etc: 'writable' }),
});
