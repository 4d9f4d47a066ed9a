import type { Model, Run } from '../types.ts';

/** How often an operation was done, and how it went. A pass in which nothing happened is worth nothing. */
export interface OperationCount {
  readonly succeeded: number;
  /** Claims of failure, with a reason and without. */
  readonly failed: number;
  /** How often a failure would have had a reason. */
  readonly justified: number;
  readonly skipped: number;
}

/** Counts by operation; one that was never done is there with zeros. */
export type Coverage = Readonly<Record<string, OperationCount>>;

const none: OperationCount = { succeeded: 0, failed: 0, justified: 0, skipped: 0 };

/** Nothing was done so far. */
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

/**
 * Operations that never made a claim; a skipped step makes none.
 * @param among the coverage of a search with the operations that count: what was tried before may have had others
 */
export const neverTried = (coverage: Coverage, among: Coverage): readonly string[] =>
  Object.entries(coverage)
    .filter(([name, count]) => Object.hasOwn(among, name) && count.succeeded + count.failed === 0)
    .map(([name]) => name);

/** Operations that never succeeded: a pass says nothing about them. */
export const neverDone = (coverage: Coverage, among: Coverage): readonly string[] =>
  Object.entries(coverage)
    .filter(([name, count]) => Object.hasOwn(among, name) && count.succeeded === 0)
    .map(([name]) => name);
