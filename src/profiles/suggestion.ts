import { closestMatch } from 'leven';

/** A question that names the known word most like a wrong one; empty if none is like it. */
export function didYouMean(word: string, known: readonly string[]): string {
  const maxDistance = Math.max(1, Math.floor(word.length * 0.4));
  const like = word.length > 50 ? undefined : closestMatch(word, known, { maxDistance: maxDistance + 1 });
  return like === undefined ? '' : `; did you mean ${like}?`;
}
