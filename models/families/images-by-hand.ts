import { isKnown } from '../machine/builds.ts';
import type { World } from '../world.ts';

/** Tags that are declared and on the machine, and of which it is known what they are there: a hand may move them. */
export function tagsByHand({ manager, uncertain, declared, images, perhapsPulled }: World): readonly string[] {
  if (manager === 'down' || uncertain !== null) return [];
  const tags = Object.values(declared.stacks).flatMap(({ services }) => Object.values(services).map(({ tag }) => tag));
  return [...new Set(tags)].filter(
    tag =>
      !tag.startsWith('@') && images[tag] !== undefined && isKnown(images[tag]) && perhapsPulled[tag] === undefined,
  );
}
