import { fault } from '../../families/fault.ts';

/** /etc becomes read-only, as on WSL (defects.md D22). */
export default fault({
  fault: 'etc-read-only',
  says: 'make /etc read-only',
  kind: 'drift',
  possible: world => world.etc === 'writable',
  after: world => ({ ...world, etc: 'read-only' }),
});
