import type { Cause } from '../host.ts';
import { isOutcome } from './outcome.ts';
import { stackOf } from './search-path.ts';

/** A unit that failed during a command, with the last lines that it logged. */
export interface Failed extends Cause {
  /** Which manager runs the unit: the system's or the operator's. */
  readonly manager: 'system' | 'user';
}

/**
 * The innermost unit that failed: a stack's, else another of the operator's, else one of the system's, which only reports what
 * failed below it. Of several the first by name, so that two equal machines give the same.
 */
export function innermost(failed: readonly Failed[]): Cause | null {
  const [first] = [...failed].sort(
    (one, other) => depth(other) - depth(one) || Number(one.unit > other.unit) - Number(one.unit < other.unit),
  );
  return first === undefined ? null : { unit: first.unit, says: first.says };
}

const depth = ({ unit, manager }: Failed): number => (stackOf(unit) !== null ? 2 : manager === 'user' ? 1 : 0);

/**
 * The last line of a program's output that names a reason. A line that only repeats the exit status, as a wrapper prints it, is
 * taken only where there is no other. Empty where there is none.
 */
export function tellingLine(lines: readonly string[], status: string | number | undefined): string {
  let last: string | undefined;
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = (lines[at] as string).trim();
    if (!/\p{L}/u.test(line) || isOutcome(line)) continue;
    if (status === undefined || line.split(/\s+/).at(-1) !== String(status)) return line;
    last ??= line;
  }
  return last ?? '';
}

/** The failures with one more; of each unit only the last one is kept. */
export const withFailure = (failed: readonly Failed[], more: Failed): readonly Failed[] => [
  ...withoutFailure(failed, more.unit),
  more,
];

/** The failures without those of a unit that runs again. */
export const withoutFailure = (failed: readonly Failed[], unit: string): readonly Failed[] =>
  failed.filter(one => one.unit !== unit);
