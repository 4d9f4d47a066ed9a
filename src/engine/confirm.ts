import type { Step } from '../../models/operation.ts';
import type { Run } from './types.ts';

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
  /** The last run that showed it. */
  readonly run?: Run<W, S>;
  /** The last run of any kind. */
  readonly last?: Run<W, S>;
}

/** Whether a run shows this violation. */
export const shows = (run: Run<unknown, unknown>, signature: string): boolean =>
  run.verdict.kind === 'violated' && run.verdict.violation.signature === signature;

/** Runs the steps again, each time on a fresh machine, until the violation showed often enough or no longer can. */
export async function confirm<W, S>(
  steps: readonly Step[],
  signature: string,
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
    if (!shows(last, signature)) continue;
    shown++;
    run = last;
  }
  const runs = { ...(run === undefined ? {} : { run }), ...(last === undefined ? {} : { last }) };
  return { enough: shown >= need, shown, of: counted, ...runs };
}
