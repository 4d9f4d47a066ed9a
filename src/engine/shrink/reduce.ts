import { operationsOf } from '../run/run.ts';
import { machinesOf } from '../session/machines.ts';
import type { SessionOptions } from '../session/session.ts';
import { newSessionState } from '../session/state.ts';
import type { Run } from '../types.ts';
import { type ShrinkResult, shrinkViolation } from './shrink-violation.ts';

/**
 * Shortens a run that showed a violation, as a search does with its findings: it is repeated, shrunk, and confirmed on a fresh
 * machine. For runs that were not drawn: a scenario, or a sequence that somebody wrote.
 */
export async function reduced<W, S, H>(
  options: Omit<SessionOptions<W, S, H>, 'seed' | 'size'>,
  run: Run<W, S>,
): Promise<ShrinkResult<W, S>> {
  if (run.verdict.kind !== 'violated') throw new Error('only what was violated can be shrunk');
  const given = { ...options, seed: 0, size: { maxSteps: run.taken.length }, runs: 1 };
  const others = (): void => {}; // another violation that shows on the way belongs to another case
  const machines = machinesOf(given, newSessionState(given), others);
  return shrinkViolation(machines, { run, violation: run.verdict.violation, index: 0, foundAfter: operationsOf(run) });
}
