import type { Model, Run } from '../types.ts';

/** How often an operation came up, and how it went: a pass in which nothing happened is worth nothing. */
export interface OperationCount {
  readonly succeeded: number;
  /** Claims of failure, with and without a reason. */
  readonly failed: number;
  /** Times that a failure would have been honest. */
  readonly justified: number;
  readonly skipped: number;
}

/** Counts by operation; one that never came up is there with zeros. */
export type Coverage = Readonly<Record<string, OperationCount>>;

const none: OperationCount = { succeeded: 0, failed: 0, justified: 0, skipped: 0 };

/** Nothing done so far. */
export const uncovered = <W, S, H>(model: Model<W, S, H>): Coverage =>
  Object.fromEntries([...model.operations.keys()].map(name => [name, none]));

/** The coverage with one more run. */
export function covered(coverage: Coverage, run: Pick<Run<unknown, unknown>, 'taken'>): Coverage {
  const counts: Record<string, OperationCount> = { ...coverage };
  for (const { step, skipped, claim, mayFail } of run.taken) {
    const count = counts[step.operation] ?? none;
    counts[step.operation] = {
      succeeded: count.succeeded + (claim?.ok === true ? 1 : 0),
      failed: count.failed + (claim?.ok === false ? 1 : 0),
      justified: count.justified + (mayFail.length > 0 ? 1 : 0),
      skipped: count.skipped + (skipped ? 1 : 0),
    };
  }
  return counts;
}

/** Both, one after the other. */
export function added(one: Coverage, other: Coverage): Coverage {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(
    names.map(name => {
      const [mine, theirs] = [one[name] ?? none, other[name] ?? none];
      return [
        name,
        {
          succeeded: mine.succeeded + theirs.succeeded,
          failed: mine.failed + theirs.failed,
          justified: mine.justified + theirs.justified,
          skipped: mine.skipped + theirs.skipped,
        },
      ];
    }),
  );
}

/** Operations that never claimed anything: what was skipped was not tried. */
export const neverTried = (coverage: Coverage): readonly string[] =>
  Object.entries(coverage)
    .filter(([, count]) => count.succeeded + count.failed === 0)
    .map(([name]) => name);

/** Operations that never succeeded: what a pass says nothing about. */
export const neverDone = (coverage: Coverage): readonly string[] =>
  Object.entries(coverage)
    .filter(([, count]) => count.succeeded === 0)
    .map(([name]) => name);
