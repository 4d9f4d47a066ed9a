import { asking } from './crash.ts';
import type { Model } from './types.ts';

/** What makes two violations the same finding: the promise, and the shapes of what was seen, each once, in order. */
export function signatureOf<W, S, H>(
  model: Model<W, S, H>,
  invariant: string,
  details: readonly string[],
  world: W,
): string {
  const shapes = asking('the', 'model', 'shape', () => details.map(detail => model.shape(detail, world)));
  return `${invariant}: ${[...new Set(shapes)].sort().join(' | ')}`;
}
