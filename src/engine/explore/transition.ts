import { type Claim, Unstarted } from '../../../models/host.ts';
import type { Args, Operation, Step, StepRecord } from '../../../models/operation.ts';
import type { Invariant } from '../../../properties/invariant.ts';
import { success } from '../plan/plan.ts';
import { Crash } from '../run/crash.ts';
import { equal } from '../run/equal.ts';
import { judged } from '../run/judge.ts';
import { startJudged } from '../run/run.ts';
import { signatureOf } from '../run/signature.ts';
import { troubleOf } from '../run/step.ts';
import type { Model } from '../types.ts';
import type { Explored } from './simulation.ts';

/** A world and its machine, with the last observation. */
export interface ExploredState<M, W, S> {
  readonly world: W;
  readonly it: M;
  readonly seen: S;
}

/** What a step led to: another state, if no promise was broken and the machine is not sick. */
export type Transition<M, W, S> =
  | { readonly kind: 'held'; readonly claim: Claim; readonly mayFail: number; readonly next: ExploredState<M, W, S> }
  | { readonly kind: 'violated'; readonly signature: string }
  | { readonly kind: 'sick'; readonly reason: string };

/** A machine that was just reset, and its world. */
export function startState<M, W, S, H>({ model, simulation }: Explored<M, W, S, H>): ExploredState<M, W, S> {
  const it = simulation.start();
  return { world: model.start(), it, seen: simulation.observe(it) };
}

/** The promise that the start breaks, judged as a run judges its start; null if everything holds. */
export function troubleAtStart<M, W, S, H>(explored: Explored<M, W, S, H>) {
  const { model } = explored;
  const broken = (world: W, seen: S, claim: Claim) =>
    startJudged(model, { world, seen, taken: [], history: [] }, claim)?.signature ?? null;
  try {
    const { world, seen } = startState(explored);
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
 * Does a step on a copy of a state's machine, and checks every promise, as a run does (step.ts). A promise gets the last step
 * record and no earlier one, since equal states have many different pasts.
 */
export function taken<M, W, S, H>(
  explored: Explored<M, W, S, H>,
  state: ExploredState<M, W, S>,
  step: Step,
  operation: Operation<Args, W, H>,
): Transition<M, W, S> | Promise<Transition<M, W, S>> {
  const { simulation } = explored;
  const it = simulation.fork(state.it);
  try {
    const answer: unknown = operation.apply(simulation.levers(it), step.args, state.world);
    if (!(answer instanceof Promise)) return judgedAfter(explored, state, step, operation, it, answer as Claim);
    return answer.then(
      (claim: Claim) => judgedAfter(explored, state, step, operation, it, claim),
      (error: unknown) => ({ kind: 'sick', reason: troubleOf(error) }),
    );
  } catch (error) {
    if (error instanceof Crash) throw error;
    return { kind: 'sick', reason: troubleOf(error) };
  }
}

/** Looks at a machine after a step, and checks every promise. */
function judgedAfter<M, W, S, H>(
  { model, simulation }: Explored<M, W, S, H>,
  { world, seen: seenBefore }: ExploredState<M, W, S>,
  step: Step,
  operation: Operation<Args, W, H>,
  it: M,
  claim: Claim,
): Transition<M, W, S> {
  let seen: S;
  try {
    seen = simulation.observe(it);
  } catch (error) {
    return { kind: 'sick', reason: troubleOf(error) };
  }
  try {
    const after = operation.expected(world, step.args, claim);
    const record = new Recorded(operation, step, claim, world, after, seenBefore);
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

/** A step record whose reasons (mayFail, mustFail) are computed only on demand: mostly nobody asks. */
class Recorded<W, S, H> implements StepRecord<W, S> {
  readonly kind: StepRecord['kind'];
  readonly role: StepRecord['role'];
  readonly step: Step;
  readonly claim: Claim;
  readonly before: W;
  readonly after: W;
  readonly seenBefore: S;
  readonly #operation: Operation<Args, W, H>;
  #mustFail: readonly string[] | undefined;
  #mayFail: readonly string[] | undefined;

  constructor(operation: Operation<Args, W, H>, step: Step, claim: Claim, before: W, after: W, seenBefore: S) {
    this.kind = operation.kind;
    this.role = operation.role;
    this.step = step;
    this.claim = claim;
    this.before = before;
    this.after = after;
    this.seenBefore = seenBefore;
    this.#operation = operation;
  }

  get mustFail(): readonly string[] {
    this.#mustFail ??= this.#operation.mustFail?.(this.before, this.step.args) ?? none;
    return this.#mustFail;
  }

  get mayFail(): readonly string[] {
    const { before, step } = this;
    this.#mayFail ??= [...new Set([...this.mustFail, ...(this.#operation.mayFail?.(before, step.args) ?? none)])];
    return this.#mayFail;
  }
}

const none: readonly string[] = [];

/**
 * The signature of what is broken, as a run has it (judge.ts): of the first broken promise, else of the comparison with the
 * expected observation. Promises after the first one are not checked; they would not change the signature.
 */
function brokenBy<W, S, H>(
  model: Model<W, S, H>,
  seen: S,
  world: W,
  history: readonly StepRecord<W, S>[],
): string | null {
  const promises = asked(model);
  for (let at = 0; at < promises.length; at++) {
    const { name, invariant, broken } = promises[at] as Asked<W, S>;
    const details = broken.call(invariant, seen, world, history);
    if (details.length > 0) return signatureOf(model, name, details, world, history.at(-1));
  }
  if (model.shows?.(world, seen) === true) return null;
  const expected = model.expectedObservation(world);
  const isAlike =
    model.alike === undefined
      ? equal(model.lasting(expected, expected), model.lasting(seen, expected))
      : model.alike(expected, seen);
  return isAlike ? null : (judged(model, { seen, world, expected, history, at: 0 })?.signature ?? null);
}

/** A promise to be asked. All are laid out alike in memory, which those of properties/ are not. */
interface Asked<W, S> {
  readonly name: string;
  readonly invariant: Invariant<W, S>;
  readonly broken: Invariant<W, S>['broken'];
}

/** The promises as a list, made once for each map. */
function asked<W, S, H>({ invariants }: Model<W, S, H>): readonly Asked<W, S>[] {
  let list = lists.get(invariants) as readonly Asked<W, S>[] | undefined;
  if (list === undefined) {
    list = [...invariants].map(([name, invariant]) => ({ name, invariant, broken: invariant.broken }));
    lists.set(invariants, list);
  }
  return list;
}

const lists = new WeakMap<object, unknown>();
