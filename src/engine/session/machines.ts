import type { Step } from '../../../models/operation.ts';
import { steered, steeredBySteps } from '../plan/steer.ts';
import { operationsOf, type RunOptions, runSteps } from '../run/run.ts';
import type { Slot } from '../schedule/slots.ts';
import type { ShrinkContext } from '../shrink/violation.ts';
import type { Run, Verdict } from '../types.ts';
import { realMachine, sameEveryTime } from './confirm.ts';
import { meter } from './meter.ts';
import { pool } from './pool.ts';
import type { Phase, SessionOptions } from './session.ts';
import { enterCrash, type SessionState } from './state.ts';

/** A plan that was run, perhaps ahead of its turn. */
export interface Launched<W, S> {
  readonly steps: readonly Step[];
  /** Number of signatures that were known then. */
  readonly knew: number;
  readonly run: Run<W, S>;
}

/** The machines of a session, and what is done with them. */
export interface SessionMachines<W, S, H> extends ShrinkContext<W, S, H> {
  /** Runs a plan, steered beyond what is known. */
  launch(plan: Placed): Promise<Launched<W, S>>;
  /** Repeats a run that was made while less was known; returns it as it is if that makes no difference. */
  renewed(plan: Placed, before: Launched<W, S>): Promise<Launched<W, S>>;
}

/** A plan with the stage that it belongs to. */
type Placed = Pick<Slot, 'steps' | 'stage'>;

/** Sets up the machines of a session. `onOther` gets runs that showed another violation while shrinking. */
export function machinesOf<W, S, H>(
  options: SessionOptions<W, S, H>,
  book: SessionState<W, S>,
  onOther: (run: Run<W, S>, seenOn: 'machine' | 'simulator') => void,
): SessionMachines<W, S, H> {
  const { model, simulator, deterministic = false } = options;
  const free = pool(options.machines);
  const run = (steps: readonly Step[], phase: Phase, more: RunOptions): Promise<Run<W, S>> =>
    free.use((machine, index) => runSteps(model, machine, steps, { ...watched(options, book, phase, index), ...more }));
  // Operations of the simulator do not count in the budget; the time that they take does.
  const untilOver = (): RunOptions => ({ ...signalOf(options), meter: { ...leftOf(options, book), spend: () => {} } });
  const { beyondKnown = false } = options;
  const steer = async ({ steps, stage }: Placed): Promise<readonly Step[]> => {
    const isSteered = beyondKnown === true || (beyondKnown === 'after suspects' && stage !== 'suspects');
    if (!isSteered || book.signatures.size === 0) return steps;
    if (simulator !== undefined) return steered(model, simulator(), steps, book.signatures, untilOver());
    return steeredBySteps(model, steps, [
      ...(options.knownSteps ?? []),
      ...book.findings.map(finding => finding.steps),
    ]);
  };
  const launch = async (steps: readonly Step[], knew: number): Promise<Launched<W, S>> => {
    const meter = leftOf(options, book);
    return { steps, knew, run: await run(steps, 'find', { meter, evidence: isNews(book) }) };
  };
  return {
    model,
    deterministic,
    confirmations: options.confirmations ?? (deterministic ? sameEveryTime : realMachine),
    shrinking: options.shrinking ?? (deterministic ? {} : { operations: 300 }),
    async attempt(steps, phase) {
      const tried = await run(steps, phase, { evidence: phase === 'confirm' });
      // The session enters a run of finding itself, when its turn comes.
      if (tried.crash !== undefined) enterCrash(options, book, tried.crash);
      return tried;
    },
    simulate:
      simulator &&
      (async steps => {
        const tried = await runSteps(model, simulator(), steps, { evidence: false, ...signalOf(options) });
        if (tried.crash !== undefined) enterCrash(options, book, tried.crash);
        return tried;
      }),
    stopped: () => options.signal?.aborted ?? false,
    onPhase: (phase, about) => options.hooks?.onPhase?.(phase, about),
    onOther,
    launch: async plan => {
      const knew = book.signatures.size;
      return launch(await steer(plan), knew);
    },
    async renewed(plan, before) {
      const knew = book.signatures.size;
      if (before.knew === knew) return before;
      const steps = await steer(plan);
      if (steps.length === before.steps.length && steps.every((step, at) => sameStep(step, before.steps[at])))
        return before;
      book.discarded += operationsOf(before.run);
      return launch(steps, knew);
    },
  };
}

const sameStep = (one: Step, other: Step | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);

const isNews =
  <W, S>(book: SessionState<W, S>) =>
  (verdict: Verdict): boolean =>
    verdict.kind !== 'violated' || !book.signatures.has(verdict.violation.signature);

/** What is left of the budget for one run, from now on. */
export function leftOf<W, S, H>({ budget }: SessionOptions<W, S, H>, book: SessionState<W, S>) {
  const { operations, seconds } = budget ?? {};
  return meter({
    ...(operations === undefined ? {} : { operations: operations - book.operations }),
    ...(seconds === undefined ? {} : { seconds: seconds - (Date.now() - book.begun) / 1000 }),
  });
}

/** Counts each operation when it is done, whatever becomes of its run. */
function watched<W, S, H>(
  options: SessionOptions<W, S, H>,
  book: SessionState<W, S>,
  phase: Phase,
  machine: number,
): RunOptions {
  const { hooks } = options;
  return {
    ...signalOf(options),
    ...(hooks?.onBegin && { onBegin: (step, index, of) => hooks.onBegin?.(step, { phase, machine, index, of }) }),
    onOperation: (taken, index, of) => {
      if (!taken.skipped) book.done++;
      hooks?.onOperation?.(taken, { phase, machine, index, of });
    },
  };
}

const signalOf = <W, S, H>({ signal }: SessionOptions<W, S, H>): Pick<RunOptions, 'signal'> =>
  signal === undefined ? {} : { signal };
