import { expander } from './expand.ts';
import type { Explored } from './simulation.ts';

/** How many states to look at to tell how many there will be. */
const looked = 12;

/** How many states explorations to each depth come to at most, the start alone first, by what a few states lead to. */
export async function estimated<M, W, S, H>(explored: Explored<M, W, S, H>, depth: number): Promise<readonly number[]> {
  const sample = expander(explored, { recoverTo: -1 });
  const { met } = await sample.begin(depth);
  // Nothing follows a start that is broken.
  if (met.length > 0) return Array.from({ length: depth + 1 }, () => 1);
  const first = await sample.expand([{ path: [], cost: 0 }], depth - 1);
  const width = first.steps.length;
  const every = Math.max(1, Math.floor(width / looked));
  const from = Array.from(first.steps)
    .filter((_, index) => index % every === 0)
    .map(step => ({ path: [step], cost: 0 }));
  const second = depth === 1 || width === 0 ? null : await sample.expand(from, depth - 2);
  // Later depths grow no faster than the second: more and more of what they lead to was met before.
  const growth = second === null ? 0 : second.steps.length / from.length;
  const all = [1, 1 + width];
  for (let [at, level] = [2, width * growth]; at <= depth; at++, level *= growth)
    all.push(Math.ceil((all[at - 1] ?? 0) + level));
  return all;
}

/** Bytes that a state takes: in the tables of hashes of the search and of its threads, which double as they grow. */
export const bytesPerState = 100;
