import type { Done } from '../../../models/operation.ts';
import type { Model } from '../types.ts';
import { asking } from './crash.ts';

/**
 * What makes two violations the same finding: the promise, and the shape of the first detail. Further details depend on what
 * else was going on; with them one cause would be many findings.
 */
export function signatureOf<W, S, H>(
  model: Model<W, S, H>,
  invariant: string,
  details: readonly string[],
  world: W,
  last: Done | undefined,
): string {
  return `${invariant}: ${asking('the', 'model', 'shape', () => model.shape(details[0] ?? '', world, last))}`;
}

/** The signature without the reason that another program gave; undefined if it contains none. */
export function gistOf<W, S, H>(
  model: Model<W, S, H>,
  invariant: string,
  details: readonly string[],
  world: W,
  last: Done | undefined,
): string | undefined {
  const gist = asking('the', 'model', 'gist', () => model.gist?.(details[0] ?? '', world, last) ?? null);
  return gist === null ? undefined : `${invariant}: ${gist}`;
}
