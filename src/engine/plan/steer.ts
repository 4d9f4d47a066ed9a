import type { Step } from '../../../models/operation.ts';
import { asking } from '../run/crash.ts';
import { equal } from '../run/equal.ts';
import { type RunOptions, runSteps } from '../run/run.ts';
import type { Machine, Model } from '../types.ts';
import { assumed } from './plan.ts';

/**
 * Leaves out the steps at which the simulator shows a known finding, so that a run gets beyond it. It stops when the run is
 * stopped.
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

/**
 * The same for machines that are not simulated: leaves out a step that would complete a sequence known to break a promise,
 * whichever part of the machine it concerns. Steps from before the machine was last whole do not count, unless the sequence
 * itself goes on from a whole machine.
 */
export function steeredBySteps<W, S, H>(
  model: Model<W, S, H>,
  steps: readonly Step[],
  known: readonly (readonly Step[])[],
): readonly Step[] {
  const sequences = known.flatMap(sequence => variants(model, sequence)).map(each => ({ steps: each, done: 0 }));
  if (sequences.length === 0) return steps;
  const isWhole = (world: W): boolean => asking('the', 'model', 'isWhole', () => model.isWhole?.(world) ?? false);
  const goesOnFromWhole = new Map(sequences.map(({ steps }) => [steps, wholeAfter(model, steps, isWhole)]));
  const left: Step[] = [];
  let world = asking('the', 'model', 'start', () => model.start());
  for (const step of steps) {
    const does = model.operations.get(step.operation);
    const here = world;
    if (does === undefined || !asking('operation', step.operation, 'allowed', () => does.allowed(here, step.args)))
      continue;
    const next = sequences.filter(({ steps, done }) => isSame(steps[done] as Step, step));
    if (next.some(({ steps, done }) => done === steps.length - 1)) continue;
    for (const sequence of next) sequence.done++;
    left.push(step);
    world = assumed(model, world, step);
    if (!isWhole(world)) continue;
    for (const sequence of sequences)
      if (goesOnFromWhole.get(sequence.steps)?.[sequence.done - 1] !== true) sequence.done = 0;
  }
  return left;
}

/** The sequence for each part of the machine, as far as this machine has its operations. */
function variants<W, S, H>(
  { operations, parts }: Model<W, S, H>,
  steps: readonly Step[],
): readonly (readonly Step[])[] {
  if (steps.length === 0 || !steps.every(({ operation }) => operations.has(operation))) return [];
  const moved = (parts?.names ?? []).map(name => parts?.moved(steps, name) ?? steps);
  return [steps, ...moved.filter(other => !equal(other, steps))];
}

/** The indexes of the steps after which a sequence leaves the machine whole; none if the sequence is not possible. */
function wholeAfter<W, S, H>(
  model: Model<W, S, H>,
  steps: readonly Step[],
  isWhole: (world: W) => boolean,
): readonly boolean[] {
  let world = asking('the', 'model', 'start', () => model.start());
  const found: boolean[] = [];
  for (const step of steps) {
    const does = model.operations.get(step.operation);
    const here = world;
    if (!asking('operation', step.operation, 'allowed', () => does?.allowed(here, step.args) ?? false)) break;
    world = assumed(model, world, step);
    found.push(isWhole(world));
  }
  return found;
}

const isSame = (one: Step, other: Step): boolean => one.operation === other.operation && equal(one.args, other.args);
