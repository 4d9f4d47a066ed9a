import { fieldsByHand, withFields } from '../machine/container-fields.ts';
import type { ContainerWorld } from '../world.ts';

/** A container that somebody runs by hand from the oldest build, without what compose would set. */
export const foreignContainer = (name: string): ContainerWorld =>
  withFields({ state: 'running', health: 'none' }, Object.assign({ name }, fieldsByHand));
