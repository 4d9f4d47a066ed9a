import { expander } from './expand.ts';
import type { Explored } from './simulation.ts';

/** Number of states from which the growth is estimated. */
const looked = 12;

/** An upper estimate of the number of states up to each depth (index 0: the start alone), from what a few states lead to. */
export async function estimated<M, W, S, H>(explored: Explored<M, W, S, H>, depth: number): Promise<readonly number[]> {
  const sample = expander(explored, { recoverTo: -1 });
  const { met } = await sample.begin(depth);
  // Nothing follows a start that breaks a promise.
  if (met.length > 0) return Array.from({ length: depth + 1 }, () => 1);
  const first = await sample.expand([{ path: [], cost: 0 }], depth - 1);
  const width = first.steps.length;
  const every = Math.max(1, Math.floor(width / looked));
  const from = Array.from(first.steps)
    .filter((_, index) => index % every === 0)
    .map(step => ({ path: [step], cost: 0 }));
  const second = depth === 1 || width === 0 ? null : await sample.expand(from, depth - 2);
  // Later depths grow no faster than the second one, because more and more of their states are known already.
  const growth = second === null ? 0 : second.steps.length / from.length;
  const all = [1, 1 + width];
  for (let [at, level] = [2, width * growth]; at <= depth; at++, level *= growth)
    all.push(Math.ceil((all[at - 1] ?? 0) + level));
  return all;
}

/** Bytes for one state, in the hash tables of the search and of its threads, which double when they are full. */
export const bytesPerState = 100;
