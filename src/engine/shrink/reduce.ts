import { operationsOf } from '../run/run.ts';
import { machinesOf } from '../session/machines.ts';
import type { SessionOptions } from '../session/session.ts';
import { newSessionState } from '../session/state.ts';
import type { Run } from '../types.ts';
import { type ShrinkResult, shrinkViolation } from './shrink-violation.ts';

/**
 * Makes a run that showed a violation short, as a search does with what it meets: asked for again, shrunk, and confirmed on
 * a fresh machine. For what was not drawn but given: a scenario, a sequence of somebody's own.
 */
export async function reduced<W, S, H>(
  options: Omit<SessionOptions<W, S, H>, 'seed' | 'size'>,
  run: Run<W, S>,
): Promise<ShrinkResult<W, S>> {
  if (run.verdict.kind !== 'violated') throw new Error('only what was violated can be shrunk');
  const given = { ...options, seed: 0, size: { maxSteps: run.taken.length }, runs: 1 };
  const others = (): void => {}; // what else shows on the way is another case's business
  const machines = machinesOf(given, newSessionState(given), others);
  return shrinkViolation(machines, { run, violation: run.verdict.violation, index: 0, foundAfter: operationsOf(run) });
}
