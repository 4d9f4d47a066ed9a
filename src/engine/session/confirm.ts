import type { Step } from '../../../models/operation.ts';
import type { Run, Violation } from '../types.ts';

/** How often a violation must show again, and in how many runs at most. */
export interface Confirmations {
  readonly need: number;
  readonly of: number;
  /** Goes on even if the violation can no longer show often enough. */
  readonly whole?: true;
}

/**
 * For a machine whose violations may come and go. One that shows in 40 % of the runs is taken for steady with a probability of
 * 1 %: it would have to show when the long sequence is repeated, and in each of four runs of the short one.
 */
export const realMachine: Confirmations = { need: 5, of: 10 };

/** For a machine that does the same every time. */
export const sameEveryTime: Confirmations = { need: 1, of: 1 };

/** The result of repeating a violation. */
export interface Confirmed<W, S> {
  readonly enough: boolean;
  /** Runs that showed the violation, and runs with a verdict. */
  readonly shown: number;
  readonly of: number;
  /** Runs in which everything held: if there are any, the violation comes and goes. */
  readonly held: number;
  /** Of the runs that showed it, the one whose violation gives the longest reason; of equal ones the last. */
  readonly run?: Run<W, S>;
  /** The last run of any kind. */
  readonly last?: Run<W, S>;
}

/** Which violations count as the wanted one. */
export type Sought = (violation: Violation) => boolean;

/** One with this signature. */
export const exactly =
  (signature: string): Sought =>
  violation =>
    violation.signature === signature;

/** One with the same promise, even if another reason was given for it: a true finding must not be lost because of a word. */
export const alikeViolation =
  (sought: Violation): Sought =>
  violation =>
    violation.signature === sought.signature || (sought.gist !== undefined && violation.gist === sought.gist);

/** Whether a run shows a violation that counts. */
export const showsIt = (run: Run<unknown, unknown>, sought: Sought): boolean =>
  run.verdict.kind === 'violated' && sought(run.verdict.violation);

/** The run whose violation gives the longer reason, which is the one to keep; of equal ones the second. */
export function moreTelling<R extends Run<unknown, unknown>>(one: R | undefined, other: R): R {
  return one !== undefined && lengthOf(one) > lengthOf(other) ? one : other;
}

const lengthOf = ({ verdict }: Run<unknown, unknown>): number =>
  verdict.kind === 'violated' ? verdict.violation.signature.length : 0;

/** Repeats the steps, each time on a fresh machine, until the violation showed often enough, or no longer can. */
export async function confirm<W, S>(
  steps: readonly Step[],
  sought: Sought,
  { need, of, whole }: Confirmations,
  attempt: (steps: readonly Step[]) => Promise<Run<W, S>>,
): Promise<Confirmed<W, S>> {
  let shown = 0;
  let counted = 0;
  let held = 0;
  let run: Run<W, S> | undefined;
  let last: Run<W, S> | undefined;
  // A run without a verdict does not count, but their number is limited.
  for (
    let asked = 0;
    asked < 2 * of && counted < of && shown < need && (whole || shown + (of - counted) >= need);
    asked++
  ) {
    last = await attempt(steps);
    if (last.verdict.kind === 'inconclusive' && last.verdict.cause === 'stopped') break;
    if (last.verdict.kind === 'inconclusive') continue;
    counted++;
    if (last.verdict.kind === 'held') held++;
    if (!showsIt(last, sought)) continue;
    shown++;
    run = moreTelling(run, last);
  }
  const runs = { ...(run === undefined ? {} : { run }), ...(last === undefined ? {} : { last }) };
  return { enough: shown >= need, shown, of: counted, held, ...runs };
}

/** In how many runs the original and the shortest sequence are repeated if a violation comes and goes. */
export const measuring = { long: 5, short: 10 };

/** The share of the runs with a verdict that showed the violation; below 1 if it comes and goes. */
export const rateOf = ({ shown, held }: Pick<Confirmed<unknown, unknown>, 'shown' | 'held'>): number =>
  shown + held === 0 ? 1 : shown / (shown + held);

/** Both results, one after the other. */
export const together = <W, S>(one: Confirmed<W, S>, other: Confirmed<W, S>): Confirmed<W, S> => ({
  ...one,
  ...other,
  enough: one.shown + other.shown > 0,
  shown: one.shown + other.shown,
  of: one.of + other.of,
  held: one.held + other.held,
});

/** Runs the steps this number of times. It is enough if the violation showed at all. */
export async function measuredRate<W, S>(
  steps: readonly Step[],
  sought: Sought,
  times: number,
  attempt: (steps: readonly Step[]) => Promise<Run<W, S>>,
): Promise<Confirmed<W, S>> {
  const all = await confirm(steps, sought, { need: times, of: times, whole: true }, attempt);
  return { ...all, enough: all.shown > 0 };
}
