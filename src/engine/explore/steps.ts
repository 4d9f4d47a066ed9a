import type { Step } from '../../../models/operation.ts';
import { enabledIn } from './enabled.ts';
import type { Path } from './met.ts';
import type { Explored } from './simulation.ts';
import { startState, taken } from './transition.ts';

/** The steps of a path, as plain JSON. */
export async function stepsOf<M, W, S, H>(explored: Explored<M, W, S, H>, path: Path): Promise<readonly Step[]> {
  const steps: Step[] = [];
  if (path.length === 0) return steps;
  let state = startState(explored);
  for (const [index, place] of path.entries()) {
    const step = enabledIn(explored.model, state.world)[place];
    if (step === undefined) throw new Error(`no step has place ${place}`);
    steps.push({ operation: step.operation, args: { ...step.args } });
    if (index === path.length - 1) break;
    const transition = await taken(explored, state, step, step.does);
    if (transition.kind !== 'held') throw new Error(`a state that was reached is reached no more: ${transition.kind}`);
    state = transition.next;
  }
  return steps;
}
