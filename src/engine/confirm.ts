import type { Step } from '../../models/operation.ts';
import type { Run, Violation } from './types.ts';

/** How often a violation must show again, and in how many runs at most. */
export interface Confirmations {
  readonly need: number;
  readonly of: number;
}

/** Of a machine that may be flaky. */
export const realMachine: Confirmations = { need: 2, of: 5 };

/** Of a machine that does the same every time. */
export const sameEveryTime: Confirmations = { need: 1, of: 1 };

/** What came of asking again. */
export interface Confirmed<W, S> {
  readonly enough: boolean;
  /** Runs that showed the violation, and runs of which something could be said. */
  readonly shown: number;
  readonly of: number;
  /** Of the runs that showed it the one that tells most; the last of several that tell the same. */
  readonly run?: Run<W, S>;
  /** The last run of any kind. */
  readonly last?: Run<W, S>;
}

/** Which violations count as the one that is asked for. */
export type Sought = (violation: Violation) => boolean;

/** That of this signature, and no other. */
export const exactly =
  (signature: string): Sought =>
  violation =>
    violation.signature === signature;

/** The same broken promise, also where another reason was given for it: a true finding must not be lost over a word. */
export const alike =
  (sought: Violation): Sought =>
  violation =>
    violation.signature === sought.signature || (sought.gist !== undefined && violation.gist === sought.gist);

/** Whether a run shows a violation that counts. */
export const shows = (run: Run<unknown, unknown>, sought: Sought): boolean =>
  run.verdict.kind === 'violated' && sought(run.verdict.violation);

/** The run whose violation gives the longer reason, which is the one to keep; the second of two that give the same. */
export function moreTelling<R extends Run<unknown, unknown>>(one: R | undefined, other: R): R {
  return one !== undefined && lengthOf(one) > lengthOf(other) ? one : other;
}

const lengthOf = ({ verdict }: Run<unknown, unknown>): number =>
  verdict.kind === 'violated' ? verdict.violation.signature.length : 0;

/** Runs the steps again, each time on a fresh machine, until the violation showed often enough or no longer can. */
export async function confirm<W, S>(
  steps: readonly Step[],
  sought: Sought,
  { need, of }: Confirmations,
  attempt: (steps: readonly Step[]) => Promise<Run<W, S>>,
): Promise<Confirmed<W, S>> {
  let shown = 0;
  let counted = 0;
  let run: Run<W, S> | undefined;
  let last: Run<W, S> | undefined;
  // A run of which nothing can be said does not count, but there is an end to asking.
  for (let asked = 0; asked < 2 * of && shown < need && shown + (of - counted) >= need; asked++) {
    last = await attempt(steps);
    if (last.verdict.kind === 'inconclusive' && last.verdict.cause === 'stopped') break;
    if (last.verdict.kind === 'inconclusive') continue;
    counted++;
    if (!shows(last, sought)) continue;
    shown++;
    run = moreTelling(run, last);
  }
  const runs = { ...(run === undefined ? {} : { run }), ...(last === undefined ? {} : { last }) };
  return { enough: shown >= need, shown, of: counted, ...runs };
}
