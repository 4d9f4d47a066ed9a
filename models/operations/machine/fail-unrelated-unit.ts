import { fault } from '../../families/fault.ts';

/**
 * A unit that belongs to no stack fails, so that the user manager is degraded (scenario S11). Every failing health probe does
 * the same (facts-debian13 F95; defects.md D45). Nothing else may change, then or later.
 */
export default fault({
  fault: 'fail-unrelated-unit',
  formerly: ['degrade'],
  says: 'let a unit fail that is no stack',
  kind: 'drift',
  possible: world => world.manager === 'running',
  after: world => world,
});
