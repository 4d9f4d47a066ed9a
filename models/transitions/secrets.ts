import { newStack } from '../machine/additions.ts';
import type { Declaration } from '../machine/declaration.ts';
import type { World } from '../world.ts';

/** Env files that a stack of this name can be told to need besides its first ones: they are not there to begin with. */
export const sparesOf = (stack: string): readonly string[] => [`${stack}-moved`, `${stack}-extra`];

/** All of these for the stacks of a declaration, and for the one that may be added. */
export const spareSecrets = ({ stacks }: Declaration): readonly string[] =>
  [...new Set([...Object.keys(stacks), newStack])].flatMap(sparesOf).sort();

/** Every env file that a stack may ever need. */
const everySecret = ({ setup: { declaration } }: World): readonly string[] => [
  ...new Set([...Object.values(declaration.stacks).flatMap(({ secrets }) => secrets), ...spareSecrets(declaration)]),
];

/** Env files that are there. */
export const presentSecrets = (world: World): readonly string[] =>
  everySecret(world).filter(secret => !world.missingSecrets.includes(secret));
