import type { ContainerWorld } from './world.ts';

/** A container that somebody runs by hand, from the oldest build, without anything that compose would give it. */
export const foreignContainer = (name: string): ContainerWorld => ({
  state: 'running',
  name,
  unit: '',
  image: 'v1',
  tag: 'v1',
  greeting: '',
  marker: '',
  autoUpdate: false,
  restart: 'no',
  health: 'none',
});
