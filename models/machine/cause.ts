import type { Cause } from '../host.ts';
import { isOutcome } from './outcome.ts';
import { stackOf } from './search-path.ts';

/** A unit that failed while something was done, with what it said last. */
export interface Failed extends Cause {
  /** Whose unit it is: that of the system's own manager, or of the operator's. */
  readonly manager: 'system' | 'user';
}

/**
 * The unit at the bottom of a failure: a stack's, else another of the operator's, else one of the system's, which only hands on
 * what failed below it. Of several the first by name, so that two equal machines name the same.
 */
export function innermost(failed: readonly Failed[]): Cause | null {
  const [first] = [...failed].sort(
    (one, other) => depth(other) - depth(one) || Number(one.unit > other.unit) - Number(one.unit < other.unit),
  );
  return first === undefined ? null : { unit: first.unit, says: first.says };
}

const depth = ({ unit, manager }: Failed): number => (stackOf(unit) !== null ? 2 : manager === 'user' ? 1 : 0);

/**
 * Which of the lines that a program said names why it failed: the last one, unless all that it says is the very status with
 * which the program then ended, as a wrapper does that hands on another program's.
 */
export function tellingLine(lines: readonly string[], status: string | number | undefined): string {
  const told = lines.map(line => line.trim()).filter(line => /\p{L}/u.test(line) && !isOutcome(line));
  const handsOn = (line: string): boolean => status !== undefined && line.split(/\s+/).at(-1) === String(status);
  return told.findLast(line => !handsOn(line)) ?? told.at(-1) ?? '';
}

/** The failures with one more: of a unit the last one counts. */
export const withFailure = (failed: readonly Failed[], more: Failed): readonly Failed[] => [
  ...withoutFailure(failed, more.unit),
  more,
];

/** The failures without those of a unit that runs again. */
export const withoutFailure = (failed: readonly Failed[], unit: string): readonly Failed[] =>
  failed.filter(one => one.unit !== unit);
