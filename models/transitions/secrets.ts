import { newStack } from '../machine/additions.ts';
import type { Declaration } from '../machine/declaration.ts';
import type { World } from '../world.ts';

/** Env files that a stack of this name may be declared to need later; they do not exist at first. */
export const sparesOf = (stack: string): readonly string[] => [`${stack}-moved`, `${stack}-extra`];

/** All of these for the stacks of a declaration, and for the stack that may be added. */
export const spareSecrets = ({ stacks }: Declaration): readonly string[] =>
  [...new Set([...Object.keys(stacks), newStack])].flatMap(sparesOf).sort();

/** Every env file that a stack may ever need. */
const everySecret = ({ setup: { declaration } }: World): readonly string[] => [
  ...new Set([...Object.values(declaration.stacks).flatMap(({ secrets }) => secrets), ...spareSecrets(declaration)]),
];

/** Env files that exist. */
export const presentSecrets = (world: World): readonly string[] =>
  everySecret(world).filter(secret => !world.missingSecrets.includes(secret));
