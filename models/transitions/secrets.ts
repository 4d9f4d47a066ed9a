import { newStack } from '../machine/additions.ts';
import type { Declaration, StackDeclaration } from '../machine/declaration.ts';
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

/** Which texts a container is given that is made now, as `secretTexts` has them: `web=1 web-extra=2`. */
export function textsNow({ rotatedSecrets }: World, { secrets }: StackDeclaration): string {
  if (secrets.length === 1) return textOf(secrets[0] as string, rotatedSecrets);
  return [...secrets]
    .sort()
    .map(secret => textOf(secret, rotatedSecrets))
    .join(' ');
}

const textOf = (secret: string, rotated: readonly string[]): string => `${secret}=${rotated.includes(secret) ? 2 : 1}`;

/** Whether a container was given the texts that there are now, as far as a command can tell: not of files that cannot be read. */
export function hasTextsNow(world: World, project: StackDeclaration, has: string): boolean {
  const now = textsNow(world, project);
  if (now === has) return true;
  const { missingSecrets, malformedSecrets } = world;
  const isReadable = (text: string) => {
    const secret = text.slice(0, -2);
    return !missingSecrets.includes(secret) && !malformedSecrets.includes(secret);
  };
  const had = has.split(' ');
  return now.split(' ').every(text => had.includes(text) || !isReadable(text));
}
