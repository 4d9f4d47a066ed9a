import { fault } from '../../families/fault.ts';

/** The Nix store is full: no byte and no file can be added. What is there can still be read. */
export default fault({
  fault: 'fill-store',
  says: 'fill the Nix store',
  kind: 'drift',
  possible: world => world.store === 'roomy',
  after: world => ({ ...world, store: 'full' }),
});
