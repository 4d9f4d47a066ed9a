import type { Claim } from '../../../models/host.ts';
import type { Args, Step } from '../../../models/operation.ts';
import { success } from '../plan/plan.ts';
import { asking } from '../run/crash.ts';
import type { Model, Run, Taken } from '../types.ts';

/** The claims of a run by step object: a candidate made of the same objects has the same claims. */
export type ClaimMemory = ReadonlyMap<Step, Taken>;

/** The claims of the steps of a run. */
export const remembered = (run: Pick<Run<unknown, unknown>, 'taken'>): ClaimMemory =>
  new Map(run.taken.filter(taken => !taken.skipped).map(taken => [taken.step, taken]));

/** The steps that a run really did: skipped steps, and steps after the violation, are not needed. */
export const executed = (run: Pick<Run<unknown, unknown>, 'taken'>): readonly Step[] =>
  run.taken.filter(taken => !taken.skipped).map(taken => taken.step);

/** A step with the world in which it would be done. */
export interface StepStanding<W> {
  readonly step: Step;
  readonly world: W;
}

/** Walks the steps in the model and drops those that are no longer allowed. */
export function standing<W, S, H>(
  model: Model<W, S, H>,
  steps: readonly Step[],
  memory: ClaimMemory,
): readonly StepStanding<W>[] {
  return walked(model, steps, memory).kept;
}

/** The steps that are still possible, the world before each, and the world after all. */
export function walked<W, S, H>(model: Model<W, S, H>, steps: readonly Step[], memory: ClaimMemory) {
  const kept: StepStanding<W>[] = [];
  let world = asking('the', 'model', 'start', () => model.start());
  for (const step of steps) {
    const { operation: name, args } = step;
    const operation = model.operations.get(name);
    if (operation === undefined) continue;
    const now = world;
    if (!asking('operation', name, 'allowed', () => operation.allowed(now, args))) continue;
    kept.push({ step, world: now });
    const mayFail = asking('operation', name, 'mayFail', () => operation.mayFail?.(now, args) ?? []);
    const claim = claimed(memory.get(step), mayFail);
    world = asking('operation', name, 'expected', () => operation.expected(now, args, claim));
  }
  return { kept, world };
}

/**
 * The steps that are still possible; one that is not gets the arguments of the nearest choice, if there is one: a file that can
 * no longer be edited to say green may be edited to say blue.
 */
export function adapted<W, S, H>(model: Model<W, S, H>, steps: readonly Step[], memory: ClaimMemory): readonly Step[] {
  let kept: readonly Step[] = [];
  for (const step of steps) {
    const tried = standing(model, [...kept, step], memory);
    if (tried.length > kept.length) kept = [...kept, step];
    else kept = [...kept, ...nearest(model, step, walked(model, kept, memory).world)];
  }
  return kept;
}

function nearest<W, S, H>(model: Model<W, S, H>, step: Step, world: W): readonly Step[] {
  const operation = model.operations.get(step.operation);
  if (operation === undefined) return [];
  const [args] = byLikeness(
    asking('operation', step.operation, 'choices', () => operation.choices(world)),
    step.args,
  );
  return args === undefined ? [] : [{ ...step, args: { ...args } }];
}

/** The choices, those that share the most with these arguments first; of equal ones the simplest first. */
export function byLikeness(choices: readonly Args[], args: Args): readonly Args[] {
  const alike = (one: Args): number => Object.entries(one).filter(([key, value]) => args[key] === value).length;
  return choices.toSorted((one, other) => alike(other) - alike(one));
}

/** The steps that are still possible. */
export const repaired = <W, S, H>(
  model: Model<W, S, H>,
  steps: readonly Step[],
  memory: ClaimMemory,
): readonly Step[] => standing(model, steps, memory).map(({ step }) => step);

// A failure is expected again only if its reason is still there.
function claimed(taken: Taken | undefined, mayFail: readonly string[]): Claim {
  if (taken?.claim === undefined || taken.claim.ok) return success;
  const stillJustified = mayFail.length > 0 || taken.mayFail.length === 0;
  return stillJustified ? taken.claim : success;
}
