import type { Step } from '../../../models/operation.ts';
import { hashScribe } from './hash.ts';
import type { MetState } from './met.ts';
import type { Explored, Recovery, Remedy } from './simulation.ts';
import { type ExploredState, taken } from './transition.ts';

/** Most steps of a recovery: one that takes more repeats itself. */
const mostSteps = 60;

/** The course of a recovery: its steps, and what went wrong, if anything. */
export interface Recovered {
  readonly steps: number;
  readonly trouble: Pick<MetState, 'kind' | 'signature' | 'remedies'> | null;
}

/**
 * Does from a state what an operator would do to repair it, and checks whether that leads to a machine like a fresh one. It
 * ends early in a state from which another recovery went on.
 */
export function recovering<M, W, S, H>(
  explored: Explored<M, W, S, H>,
  { remedy, last }: Recovery<W, H>,
): (from: ExploredState<M, W, S>) => Promise<Recovered> {
  const scribe = hashScribe();
  /** By state: whether the rest of the recovery succeeded from there. */
  const outcomes = new Map<string, boolean>();
  const keyOf = ({ world, it }: ExploredState<M, W, S>): string => {
    scribe.begin();
    explored.simulation.write(world, it, 0, scribe);
    return `${scribe.high()} ${scribe.low()}`;
  };
  return async from => {
    const remedies: Step[] = [];
    const passed: string[] = [];
    let state = from;
    const ended = (isWell: boolean): void => {
      for (const key of passed) outcomes.set(key, isWell);
    };
    const stuck = (signature: string): Recovered => {
      ended(false);
      return { steps: remedies.length, trouble: { kind: 'stuck', signature, remedies } };
    };
    for (;;) {
      const key = keyOf(state);
      const known = outcomes.get(key);
      if (known !== undefined) {
        // What went wrong from there was reported by the recovery that came there first.
        ended(known);
        return { steps: remedies.length, trouble: null };
      }
      passed.push(key);
      const next: Remedy<W, H> | null = remedy(state.world);
      const { operation, args, does } = next ?? last(state.world);
      remedies.push({ operation, args });
      const transition = await taken(explored, state, { operation, args }, does);
      if (transition.kind === 'violated') {
        ended(false);
        return {
          steps: remedies.length,
          trouble: { kind: 'stuck', signature: transition.signature, remedies },
        };
      }
      if (transition.kind === 'sick') return stuck(transition.reason);
      state = transition.next;
      if (next === null) {
        if (!transition.claim.ok) return stuck(`${operation} fails, whatever an operator does`);
        if (remedy(state.world) !== null) return stuck('there is always more to do');
        ended(true);
        return { steps: remedies.length, trouble: null };
      }
      if (remedies.length >= mostSteps) return stuck('what an operator does goes round in circles');
    }
  };
}
