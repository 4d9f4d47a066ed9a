import { type Claim, Unstarted } from '../../../models/host.ts';
import type { Args, Operation, Step, StepRecord } from '../../../models/operation.ts';
import { success } from '../plan/plan.ts';
import { Crash } from '../run/crash.ts';
import { equal } from '../run/equal.ts';
import { judged } from '../run/judge.ts';
import { startJudged } from '../run/run.ts';
import { signatureOf } from '../run/signature.ts';
import { troubleOf } from '../run/step.ts';
import type { Model } from '../types.ts';
import type { Explored } from './simulation.ts';

/** A world and its machine, as it was seen last. */
export interface State<M, W, S> {
  readonly world: W;
  readonly it: M;
  readonly seen: S;
}

/** What a step led to: another state, where no promise was broken and the machine is not sick. */
export type Transition<M, W, S> =
  | { readonly kind: 'held'; readonly claim: Claim; readonly mayFail: number; readonly next: State<M, W, S> }
  | { readonly kind: 'violated'; readonly signature: string }
  | { readonly kind: 'sick'; readonly reason: string };

/** A machine just reset, and the world that goes with it. */
export function started<M, W, S, H>({ model, simulation }: Explored<M, W, S, H>): State<M, W, S> {
  const it = simulation.start();
  return { world: model.start(), it, seen: simulation.observe(it) };
}

/** What is broken before any step, judged as a run judges its start; null where everything holds. */
export function troubleAtStart<M, W, S, H>(explored: Explored<M, W, S, H>) {
  const { model } = explored;
  const broken = (world: W, seen: S, claim: Claim) =>
    startJudged(model, { world, seen, taken: [], history: [] }, claim)?.signature ?? null;
  try {
    const { world, seen } = started(explored);
    const signature = broken(world, seen, success);
    return signature === null ? null : { kind: 'violated' as const, signature };
  } catch (error) {
    if (!(error instanceof Unstarted)) throw error;
    const world = model.start();
    const signature = broken(world, (error.seen as S | undefined) ?? model.expectedObservation(world), error.claim);
    if (signature !== null) return { kind: 'violated' as const, signature };
    return { kind: 'sick' as const, signature: `the machine was not right to begin with: ${error.message}` };
  }
}

/**
 * Does a step to a fork of a state's machine, and asks every promise, as a run does (step.ts). An invariant is given what
 * happened last and nothing before it: states that are alike have many pasts.
 */
export async function taken<M, W, S, H>(
  { model, simulation }: Explored<M, W, S, H>,
  state: State<M, W, S>,
  step: Step,
  operation: Operation<Args, W, H>,
): Promise<Transition<M, W, S>> {
  const { world, seen: seenBefore } = state;
  const { args } = step;
  const it = simulation.fork(state.it);
  let claim: Claim;
  let seen: S;
  try {
    const answer: unknown = operation.apply(simulation.levers(it), args, world);
    claim = (answer instanceof Promise ? await answer : answer) as Claim;
    seen = simulation.observe(it);
  } catch (error) {
    return { kind: 'sick', reason: troubleOf(error) };
  }
  try {
    const after = operation.expected(world, args, claim);
    const record = happened(operation, step, claim, world, after, seenBefore);
    const signature = brokenBy(model, seen, after, [record]);
    if (signature !== null) return { kind: 'violated', signature };
    const mayFail = claim.ok ? 0 : record.mayFail.length;
    return { kind: 'held', claim, mayFail, next: { world: after, it, seen } };
  } catch (error) {
    if (error instanceof Crash) throw error;
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Crash(`the model threw where it must answer: operation ${step.operation}\n  ${what}`);
  }
}

/** Why it may fail and must fail is worked out where somebody asks for them: mostly nobody does. */
function happened<W, S, H>(
  operation: Operation<Args, W, H>,
  step: Step,
  claim: Claim,
  before: W,
  after: W,
  seenBefore: S,
): StepRecord<W, S> {
  const { kind, role } = operation;
  let mustFail: readonly string[] | undefined;
  let mayFail: readonly string[] | undefined;
  return {
    step,
    kind,
    role,
    claim,
    before,
    after,
    seenBefore,
    get mustFail() {
      mustFail ??= operation.mustFail?.(before, step.args) ?? none;
      return mustFail;
    },
    get mayFail() {
      mayFail ??= [...new Set([...this.mustFail, ...(operation.mayFail?.(before, step.args) ?? none)])];
      return mayFail;
    },
  };
}

const none: readonly string[] = [];

/**
 * The signature of what is broken, as a run has it (judge.ts): of the first promise, else of the comparison with what was expected.
 * The others are not asked, since they only add to what is told of it.
 */
function brokenBy<W, S, H>(
  model: Model<W, S, H>,
  seen: S,
  world: W,
  history: readonly StepRecord<W, S>[],
): string | null {
  const expected = model.expectedObservation(world);
  for (const [name, invariant] of model.invariants) {
    const details = invariant.broken(seen, world, history);
    if (details.length > 0) return signatureOf(model, name, details, world, history.at(-1));
  }
  const isAlike =
    model.alike === undefined
      ? equal(model.lasting(expected, expected), model.lasting(seen, expected))
      : model.alike(expected, seen);
  return isAlike ? null : (judged(model, { seen, world, expected, history, at: 0 })?.signature ?? null);
}
