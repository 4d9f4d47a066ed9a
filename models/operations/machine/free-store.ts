import { fault } from '../../families/fault.ts';

/** The Nix store has room again. */
export default fault({
  fault: 'free-store',
  says: 'make room in the Nix store',
  kind: 'drift',
  weight: 2,
  possible: world => world.store === 'full',
  after: world => ({ ...world, store: 'roomy' }),
});
