import type { Claim } from '../../../models/host.ts';
import type { Args, Operation, Step, StepRecord } from '../../../models/operation.ts';
import type { Meter } from '../session/meter.ts';
import type { InconclusiveCause, Machine, Model, Taken, Verdict, Violation } from '../types.ts';
import { asking, machineTrouble } from './crash.ts';
import { judged } from './judge.ts';

/** A run as far as it has come. */
export interface RunProgress<W, S> {
  world: W;
  seen?: S;
  expected?: S;
  /** What the machine said before the first step; present if a whole record is wanted. */
  before?: string;
  /** Index of the current step. */
  at?: number;
  /** Why the machine could not be reset, in words. */
  startTrouble?: string;
  /** What was fetched from a machine that could not be reset. */
  startEvidence?: string;
  readonly taken: Taken[];
  readonly history: StepRecord<W, S>[];
}

/** Does one step. Undefined if the machine is as it should be, and the run goes on. */
export async function taking<W, S, H>(
  model: Model<W, S, H>,
  machine: Machine<S> & H,
  step: Step,
  progress: RunProgress<W, S>,
  meter: Meter | undefined,
): Promise<Verdict | undefined> {
  const { world, taken } = progress;
  const { operation: name, args } = step;
  const operation = model.operations.get(name);
  if (operation === undefined || !asking('operation', name, 'allowed', () => operation.allowed(world, args))) {
    taken.push({ step, skipped: true, mayFail: [] });
    return undefined;
  }
  const at = taken.length;
  const mustFail = asking('operation', name, 'mustFail', () => operation.mustFail?.(world, args) ?? []);
  const reasons = asking('operation', name, 'mayFail', () => operation.mayFail?.(world, args) ?? []);
  const mayFail = [...new Set([...mustFail, ...reasons])];
  meter?.spend(1);
  const done = await doing(machine, operation, step, world);
  taken.push({ step, skipped: false, mayFail, ...(done.claim === undefined ? {} : { claim: done.claim }) });
  if (done.trouble !== undefined) return inconclusive(at, 'machine', done.trouble);
  const happened = { step, kind: operation.kind, role: operation.role, claim: done.claim, mayFail, mustFail };
  const violation = look(model, happened, done.seen, progress, at);
  return violation && believed(machine, violation);
}

/** A machine that is not well may break promises without being at fault: then the run is inconclusive. */
export async function believed(machine: Machine<unknown>, violation: Violation): Promise<Verdict> {
  const ailment = await ailmentOf(machine);
  if (ailment === null) return { kind: 'violated', violation };
  const what = `${violation.invariant}: ${violation.details[0] ?? ''}`;
  return inconclusive(violation.at, 'machine', `the machine is not well: ${ailment}; so this is no finding: ${what}`);
}

async function ailmentOf(machine: Machine<unknown>): Promise<string | null> {
  try {
    return (await machine.ailment?.()) ?? null;
  } catch (error) {
    return troubleOf(error);
  }
}

type Done<S> =
  | { readonly claim: Claim; readonly seen: S; readonly trouble?: undefined }
  | { readonly claim?: Claim; readonly trouble: string };

/** The run is inconclusive if the machine is sick, or does not come to rest. @throws Crash for a mistake in the program */
async function doing<W, S, H>(
  machine: Machine<S> & H,
  operation: Operation<Args, W, H>,
  { operation: name, args }: Step,
  world: W,
): Promise<Done<S>> {
  let claim: Claim | undefined;
  try {
    claim = await operation.apply(machine, args, world);
    const rest = await machine.settle();
    if (!rest.rested) return { claim, trouble: restless(rest.waiting) };
    return { claim, seen: await machine.observe() };
  } catch (error) {
    return {
      ...(claim === undefined ? {} : { claim }),
      trouble: machineTrouble(error, `${machine.name}, asked for ${name},`),
    };
  }
}

function look<W, S, H>(
  model: Model<W, S, H>,
  doneNow: Pick<StepRecord<W, S>, 'step' | 'kind' | 'role' | 'claim' | 'mayFail' | 'mustFail'>,
  seen: S,
  progress: RunProgress<W, S>,
  at: number,
): Violation | undefined {
  const { step, claim } = doneNow;
  const before = progress.world;
  const after = asking('operation', step.operation, 'expected', () =>
    (model.operations.get(step.operation) as Operation<Args, W, H>).expected(before, step.args, claim),
  );
  progress.history.push({ ...doneNow, before, after, seenBefore: progress.seen as S });
  progress.world = after;
  progress.seen = seen;
  return judgedNow(model, progress, at);
}

/** Judges what the machine shows now. */
export function judgedNow<W, S, H>(model: Model<W, S, H>, progress: RunProgress<W, S>, at: number) {
  const expected = asking('the', 'model', 'expectedObservation', () => model.expectedObservation(progress.world));
  progress.expected = expected;
  return judged(model, { seen: progress.seen as S, world: progress.world, expected, history: progress.history, at });
}

/** The verdict `inconclusive`. */
export const inconclusive = (at: number, cause: InconclusiveCause, reason: string): Verdict => ({
  kind: 'inconclusive',
  at,
  cause,
  reason,
});

/** Says what a machine still waits for. */
export const restless = (waiting: readonly string[]): string =>
  `the machine did not come to rest; it still waits for ${waiting.join(', ') || 'something it does not name'}`;

/** The thrown value in words. */
export const troubleOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : `the machine threw ${String(error)}`;
