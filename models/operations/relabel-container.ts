import { byHand, runsWell } from '../containers.ts';

/**
 * An operator makes a container anew, by hand, with the label of another unit: as an old script did before the stacks
 * were moved (facts.md F41; defects.md D02, D15). Podman itself cannot change a label.
 */
export default byHand({
  action: 'relabel',
  possible: container => runsWell(container) && container.name.includes('/') && container.unit !== 'another.service',
  becomes: container => ({ ...container, unit: 'another.service', restart: 'no', health: 'none' }),
});
