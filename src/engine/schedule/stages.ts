import { drawing } from '../plan/random.ts';
import type { Model } from '../types.ts';
import { differenceFeeder } from './differences.ts';
import type { Feeder, Stage } from './slots.ts';
import { type Suspect, suspectFeeder } from './suspects.ts';

/** What the plans before the walks are made of. */
export interface Feeding<W, S, H> {
  readonly model: Model<W, S, H>;
  readonly seed: number;
  /** Most steps of a plan. */
  readonly steps: number;
  /** Number of the first plan of the suspects; 0 if absent. */
  readonly from?: number;
  /** What was tried on such machines before. */
  readonly tried?: ReadonlySet<string>;
  /** The stage between the suspects and the differences. */
  readonly between?: readonly Feeder<W, S>[];
}

/**
 * The stages before the walks. Suspects that break a promise here come first. Those from elsewhere are mixed into the
 * differences, if there are any, since most of them tell little that the others do not.
 */
export function scheduled<W, S, H>(
  stages: readonly Stage[],
  suspects: readonly Suspect[],
  { model, seed, steps, from = 0, tried = new Set(), between = [] }: Feeding<W, S, H>,
): readonly Feeder<W, S>[] {
  const isMixed = stages.includes('differences');
  const elsewhere = isMixed ? suspects.filter(({ breaks }) => breaks !== true) : [];
  const first = suspects.filter(suspect => !elsewhere.includes(suspect));
  const found: Feeder<W, S>[] = [];
  if (stages.includes('suspects')) found.push(suspectFeeder(model, first, steps, from));
  found.push(...between);
  // Another stream of random numbers than that of any walk.
  if (isMixed) found.push(differenceFeeder(model, tried, steps, drawing(seed, -1), elsewhere));
  return found;
}
