import { fieldsByHand, withFields } from '../machine/container-fields.ts';
import type { ContainerWorld, World } from '../world.ts';

/** A container that somebody runs by hand from what the tag of the oldest build means on the machine, without what compose would set. */
export const foreignContainer = ({ images }: World, name: string): ContainerWorld =>
  withFields(
    { state: 'running', health: 'none' },
    Object.assign({ name }, fieldsByHand, { image: images[fieldsByHand.tag] ?? fieldsByHand.image }),
  );
