import { mishap } from '../../mishap.ts';

/** /etc can be written again. */
export default mishap({
  mishap: 'etc-writable',
  says: 'make /etc writable again',
  kind: 'drift',
  weight: 2,
  possible: world => world.etc === 'read-only',
  after: world => ({ ...world, etc: 'writable' }),
});
