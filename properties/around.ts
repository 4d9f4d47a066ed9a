import { type Beside, type Observation, quietAround } from '../models/observation.ts';
import type { StepRecord } from '../models/operation.ts';

/** The last step, where what it changed around the stacks is nobody's wish: drift is what somebody did there on purpose. */
export const unasked = (history: readonly StepRecord[]): StepRecord | undefined => {
  const last = history.at(-1);
  return last?.kind === 'command' ? last : undefined;
};

/** Entries of a record that are there now and were not before the last step, or were another. */
export function newIn<T>(
  now: Readonly<Record<string, T>>,
  before: Readonly<Record<string, T>> | undefined,
): readonly (readonly [string, T])[] {
  return Object.entries(now).filter(([name, what]) => before?.[name] !== what);
}

/** For the examples: an observation with something around the stacks. */
export const withAround = (seen: Observation, around: Partial<Beside>): Observation => ({
  ...seen,
  around: { ...quietAround, ...seen.around, ...around },
});
