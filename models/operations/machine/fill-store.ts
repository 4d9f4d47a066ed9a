import { fault } from '../../families/fault.ts';

/** The Nix store has no room left, not for a byte and not for a name: what is there can still be read. */
export default fault({
  fault: 'fill-store',
  says: 'fill the Nix store',
  kind: 'drift',
  possible: world => world.store === 'roomy',
  after: world => ({ ...world, store: 'full' }),
});
