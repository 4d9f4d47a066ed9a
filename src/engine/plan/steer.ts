import type { Step } from '../../../models/operation.ts';
import { type RunOptions, runSteps } from '../run/run.ts';
import type { Machine, Model } from '../types.ts';

/**
 * Leaves out the steps at which the simulator shows a known finding, so that a run gets past them. What stops a run stops
 * this too.
 */
export async function steered<W, S, H>(
  model: Model<W, S, H>,
  simulator: Machine<S> & H,
  steps: readonly Step[],
  known: ReadonlySet<string>,
  bounds: Pick<RunOptions, 'signal' | 'meter'> = {},
): Promise<readonly Step[]> {
  let left = steps;
  for (let tries = 0; tries < steps.length; tries++) {
    const { verdict, taken } = await runSteps(model, simulator, left, { ...bounds, evidence: false });
    if (verdict.kind !== 'violated' || !known.has(verdict.violation.signature)) return left;
    const culprit = taken[verdict.violation.at]?.step;
    left = left.filter(step => step !== culprit);
  }
  return left;
}
