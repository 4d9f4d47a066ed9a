import type { Declaration } from '../machine/declaration.ts';
import type { World } from '../world.ts';

/** Where nothing is known, it is not known which generation comes before the current one (facts.md F25). */
export function canRollBack(world: World): boolean {
  return world.pointer > 0 && world.uncertain === null;
}

/** The declaration of the generation before the one that the profile points at. */
export function earlier(world: World): Declaration {
  const generation = world.generations[world.pointer - 1];
  if (generation === undefined) throw new Error('there is no earlier generation to roll back to');
  return generation;
}
