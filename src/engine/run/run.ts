import { type Claim, Unstarted } from '../../../models/host.ts';
import { type Step, underCurrentNames } from '../../../models/operation.ts';
import { success } from '../plan/plan.ts';
import type { Meter } from '../session/meter.ts';
import type { InconclusiveCause, Machine, Model, Run, Taken, Verdict, Violation } from '../types.ts';
import { asking, Crash, type Crashed, crashedAt, machineTrouble } from './crash.ts';
import { believed, inconclusive, judgedNow, type RunProgress, restless, taking, troubleOf } from './step.ts';

/** How a run is watched and stopped; every field is optional. */
export interface RunOptions {
  /** Stops the run after the operation in progress. */
  readonly signal?: AbortSignal;
  /** Counts operations; the run stops between two of them when the budget is spent. */
  readonly meter?: Meter;
  /**
   * False if the evidence of a run that did not hold is not wanted (a shrinker's candidate, a known finding). `whole` for a
   * record: also before the first step, and for every verdict.
   */
  readonly evidence?: boolean | 'whole' | ((verdict: Verdict) => boolean);
  /** Called before an operation is done. */
  onBegin?(step: Step, index: number, of: number): void;
  /** Called after an operation was done or skipped. */
  onOperation?(taken: Taken, index: number, of: number): void;
}

/**
 * Does the steps on a machine that was just reset, and observes it after each. If the model throws, or the machine throws what
 * no machine throws, the run is inconclusive, and `crash` says where it happened.
 */
export async function runSteps<W, S, H>(
  model: Model<W, S, H>,
  machine: Machine<S> & H,
  given: readonly Step[],
  options: RunOptions = {},
): Promise<Run<W, S>> {
  const steps = underCurrentNames(model.operations, given);
  const world = startOf(model);
  if (world instanceof Crash) return fruitless(crashedAt([], world));
  const progress: RunProgress<W, S> = { world, taken: [], history: [] };
  let crash: Crashed | undefined;
  const verdict = await verdictOf(model, machine, steps, options, progress).catch((error: unknown) => {
    if (!(error instanceof Crash)) throw error;
    crash = crashedAt(steps.slice(0, (progress.at ?? -1) + 1), error);
    return inconclusive(progress.at ?? -1, 'crash', error.message);
  });
  const evidence = wantsEvidence(verdict, options) ? { evidence: await evidenceWith(machine, progress) } : {};
  const before = progress.before === undefined ? {} : { before: progress.before };
  return {
    verdict,
    taken: progress.taken,
    history: progress.history,
    ...lastLook(progress),
    ...before,
    ...evidence,
    ...(crash && { crash }),
  };
}

function startOf<W, S, H>(model: Model<W, S, H>): W | Crash {
  try {
    return asking('the', 'model', 'start', () => model.start());
  } catch (error) {
    return error as Crash;
  }
}

/** A run that did not begin, because stackfuzz itself failed before it. */
export const fruitless = <W, S>(crash: Crashed): Run<W, S> => ({
  verdict: inconclusive(-1, 'crash', crash.message),
  taken: [],
  history: [],
  crash,
});

/** Number of operations that a run really did to its machine. */
export const operationsOf = (run: { readonly taken: readonly Taken[] }): number =>
  run.taken.reduce((sum, taken) => sum + (taken.skipped ? 0 : 1), 0);

async function verdictOf<W, S, H>(
  model: Model<W, S, H>,
  machine: Machine<S> & H,
  steps: readonly Step[],
  options: RunOptions,
  progress: RunProgress<W, S>,
): Promise<Verdict> {
  const enough = stopped(options);
  if (enough !== undefined) return inconclusive(-1, enough.cause, enough.reason);
  const first = await begun(model, machine, progress);
  if (first !== undefined) return first;
  if (options.evidence === 'whole') progress.before = await evidenceOf(machine);
  for (let index = 0; index < steps.length; index++) {
    const enough = stopped(options);
    if (enough !== undefined) return inconclusive(index, enough.cause, enough.reason);
    const step = steps[index] as Step;
    progress.at = index;
    options.onBegin?.(step, index, steps.length);
    const verdict = await taking(model, machine, step, progress, options.meter);
    options.onOperation?.(progress.taken[index] as Taken, index, steps.length);
    if (verdict !== undefined) return verdict;
  }
  return { kind: 'held' };
}

interface Trouble {
  readonly cause: InconclusiveCause;
  readonly reason: string;
}

/** Resets the machine and observes it. The start is judged too, since every run begins with it. */
async function begun<W, S, H>(
  model: Model<W, S, H>,
  machine: Machine<S>,
  progress: RunProgress<W, S>,
): Promise<Verdict | undefined> {
  let failed: Unstarted | undefined;
  try {
    await machine.reset();
    const rest = await machine.settle();
    if (!rest.rested) return inconclusive(-1, 'machine', restless(rest.waiting));
    progress.seen = await machine.observe();
  } catch (error) {
    if (!(error instanceof Unstarted)) return inconclusive(-1, 'machine', machineTrouble(error, machine.name));
    failed = error;
    progress.startTrouble = error.message;
    if (error.evidence !== undefined) progress.startEvidence = error.evidence;
    progress.seen =
      (error.seen as S | undefined) ??
      asking('the', 'model', 'expectedObservation', () => model.expectedObservation(progress.world));
  }
  const violation = startJudged(model, progress, failed?.claim ?? success);
  if (violation === undefined)
    return failed && inconclusive(-1, 'start', `the machine was not right to begin with: ${failed.message}`);
  // There is no machine that could be asked whether it is well.
  return failed === undefined ? believed(machine, violation) : { kind: 'violated', violation };
}

/** Judges the start: by the comparison alone, and by the promises about the command that made it if they name that command. */
export function startJudged<W, S, H>(
  model: Model<W, S, H>,
  progress: RunProgress<W, S>,
  claim: Claim,
): Violation | undefined {
  const { world, seen } = progress;
  const plain = judgedNow(model, progress, -1);
  const operation = model.operations.get(model.first?.operation ?? '');
  if (model.first === undefined || operation === undefined || (plain === undefined && claim.ok)) return plain;
  const made = { step: model.first, kind: operation.kind, role: operation.role, claim, mayFail: [], mustFail: [] };
  const history = [{ ...made, before: world, after: world, seenBefore: seen as S }];
  return judgedNow(model, { ...progress, history }, -1) ?? plain;
}

/** Why a run or a session was stopped: by the operator, or for the reason that the signal gives. */
export const stopWords = ({ reason }: AbortSignal): string =>
  typeof reason === 'string' ? reason : 'stopped by the operator';

function stopped(options: RunOptions): Trouble | undefined {
  if (options.signal?.aborted) return { cause: 'stopped', reason: stopWords(options.signal) };
  const enough = options.meter?.enough();
  return enough === undefined ? undefined : { cause: 'stopped', reason: enough };
}

function wantsEvidence(verdict: Verdict, { evidence = true }: RunOptions): boolean {
  if (evidence === 'whole') return true;
  if (verdict.kind === 'held' || (verdict.kind === 'inconclusive' && verdict.cause === 'stopped')) return false;
  return typeof evidence === 'boolean' ? evidence : evidence(verdict);
}

const evidenceWith = async <W, S>(
  machine: Machine<S>,
  { startTrouble, startEvidence }: RunProgress<W, S>,
): Promise<string> =>
  [...(startTrouble === undefined ? [] : [startTrouble]), startEvidence ?? (await evidenceOf(machine))].join('\n\n');

async function evidenceOf<S>(machine: Machine<S>): Promise<string> {
  try {
    return await machine.evidence();
  } catch (error) {
    return `no evidence could be fetched: ${troubleOf(error)}`;
  }
}

const lastLook = <W, S>({ seen, expected }: RunProgress<W, S>) => ({
  ...(seen === undefined ? {} : { seen }),
  ...(expected === undefined ? {} : { expected }),
});
