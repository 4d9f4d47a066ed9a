import type { Claim } from '../../../models/host.ts';
import type { Args, Step } from '../../../models/operation.ts';
import { success } from '../plan/plan.ts';
import { asking } from '../run/crash.ts';
import type { Model, Run, Taken } from '../types.ts';

/** What each step of a run claimed, by the step itself: a candidate made of the same steps remembers it. */
export type ClaimMemory = ReadonlyMap<Step, Taken>;

/** What the steps of a run claimed. */
export const remembered = (run: Pick<Run<unknown, unknown>, 'taken'>): ClaimMemory =>
  new Map(run.taken.filter(taken => !taken.skipped).map(taken => [taken.step, taken]));

/** The steps that a run really took: what was skipped, or came after the violation, is not needed. */
export const executed = (run: Pick<Run<unknown, unknown>, 'taken'>): readonly Step[] =>
  run.taken.filter(taken => !taken.skipped).map(taken => taken.step);

/** A step with the world in which it would be taken. */
export interface StepStanding<W> {
  readonly step: Step;
  readonly world: W;
}

/** Walks the steps in the model and drops those whose precondition went. */
export function standing<W, S, H>(
  model: Model<W, S, H>,
  steps: readonly Step[],
  memory: ClaimMemory,
): readonly StepStanding<W>[] {
  return walked(model, steps, memory).kept;
}

/** The steps that are still possible with the world of each, and the world after them. */
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
 * The steps that are still possible; one that is not gets the arguments of the nearest choice, where there is one: a file
 * that no longer can be edited to say green may be edited to say blue.
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

/** The choices that share the most with these arguments first; among equals the simplest first. */
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

// A failure is expected again only where what justified it is still there.
function claimed(taken: Taken | undefined, mayFail: readonly string[]): Claim {
  if (taken?.claim === undefined || taken.claim.ok) return success;
  const stillJustified = mayFail.length > 0 || taken.mayFail.length === 0;
  return stillJustified ? taken.claim : success;
}
