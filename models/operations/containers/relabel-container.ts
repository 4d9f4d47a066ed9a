import { byHand, requiredBy, runsWell } from '../../families/containers.ts';
import { eitherOf, isKnown, mayBeSame } from '../../machine/builds.ts';
import { lostInCopies } from '../../machine/container-fields.ts';
import { broken } from '../../machine/declaration.ts';

/**
 * An operator makes a container anew, by hand, with the label of another unit: as an old script did before the stacks
 * were moved (facts.md F41; defects.md D02, D15). Podman itself cannot change a label, and may refuse to remove the old
 * container (facts-debian13 F80).
 */
export default byHand({
  action: 'relabel',
  // What an operator's own compose file says of a container, no old script would give it.
  possible: container =>
    runsWell(container) && container.name.includes('/') && !isOdd(container.unit) && container.settings === '',
  becomes: (container, { images }) => {
    // Of a container that was made by digest podman may remember a tag, which may have gone to another image since.
    const image = container.tag.startsWith('@')
      ? eitherOf(container.image, ...Object.values(images))
      : (images[container.tag] ?? container.image);
    const state = !mayBeSame(image, broken) ? container.state : isKnown(image) ? 'exited' : 'unknown';
    return { ...container, ...lostInCopies, image, state, unit: 'another.service', health: 'none' };
  },
  mayFail: requiredBy,
});

/** It already has the label of another unit, or none: an old script would not make such a container. */
const isOdd = (unit: string): boolean => unit === 'another.service' || unit === '';
