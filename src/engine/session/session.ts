import type { Step } from '../../../models/operation.ts';
import type { Size } from '../plan/plan.ts';
import type { Crashed } from '../run/crash.ts';
import type { Feeder, Place, Stage } from '../schedule/slots.ts';
import type { Explanation } from '../shrink/explain.ts';
import type { InconclusiveCause, Machine, Model, Run, Taken, Violation } from '../types.ts';
import type { Confirmations } from './confirm.ts';
import type { Coverage } from './coverage.ts';
import type { Limits } from './meter.ts';

/** What a session of finding needs; all but the first five has a default. */
export interface SessionOptions<W, S, H> {
  readonly model: Model<W, S, H>;
  /** The machines under test, open and closed by whoever calls: as many runs go on at once. A reset makes one fresh. */
  readonly machines: readonly (Machine<S> & H)[];
  readonly seed: number;
  readonly size: Size;
  /** Plans to run; 100 where neither this nor a budget is given. */
  readonly runs?: number;
  /** Number of the first walk: where an earlier session of the same seed ended. */
  readonly from?: number;
  /** What is done before the walks, one after the other. */
  readonly before?: readonly Feeder<W, S>[];
  /** False where the session ends when that is done. */
  readonly walks?: boolean;
  /** What may be spent on finding. Shrinking has its own bound, so that no finding is left half done. */
  readonly budget?: Limits;
  /** When its time began to be spent, in milliseconds since 1970; now where it is absent. */
  readonly begun?: number;
  /** What may be spent on shrinking one finding on the machine; 300 operations where it is not given. */
  readonly shrinking?: Limits;
  /** Makes a simulated machine: shrinking there costs nothing. */
  readonly simulator?: () => Machine<S> & H;
  /** The machines do the same every time: one confirmation is enough, and trying is free. */
  readonly deterministic?: boolean;
  readonly confirmations?: Confirmations;
  /** Signatures known from the corpus: counted, not shrunk again. */
  readonly known?: ReadonlySet<string>;
  /** The steps of those, for want of a simulator. */
  readonly knownSteps?: readonly (readonly Step[])[];
  /**
   * Leaves out the steps at which the simulator shows a known finding, or by which steps are done that are known to show one, so that
   * runs get past it; `after suspects` where those are to show it first.
   */
  readonly beyondKnown?: boolean | 'after suspects';
  /** Ends the session after so many findings. */
  readonly findings?: number;
  /** Ends the session after so many runs in a row of which nothing could be said; 5 where it is not given. */
  readonly patience?: number;
  readonly signal?: AbortSignal;
  readonly hooks?: Hooks<W, S>;
}

/** What a session is doing: looking, asking again, shrinking it on the machine or on the simulator. */
export type Phase = 'find' | 'confirm' | 'shrink' | 'simulate';

/** Where an operation is done. */
export interface Where {
  readonly phase: Phase;
  /** Index among the session's machines. */
  readonly machine: number;
  /** Place of the step in its sequence, and the length of that. */
  readonly index: number;
  readonly of: number;
}

/** Called as a session goes on; never for the simulator's operations. */
export interface Hooks<W, S> {
  onBegin?(step: Step, where: Where): void;
  onOperation?(taken: Taken, where: Where): void;
  /** A run of finding, in the order of the plans, with its number in its stage. */
  onRun?(index: number, run: Run<W, S>, stage: Stage): void;
  onPhase?(phase: Phase, about: string): void;
  onFinding?(finding: Finding<W, S>): void;
  onFlaky?(flaky: Flaky<W, S>): void;
  /** Stackfuzz itself failed; the session goes on. */
  onCrash?(crash: SessionCrash): void;
  /** Another of these threw; the session goes on. Told once of each trouble. */
  onTrouble?(trouble: string): void;
}

/** A crash, with the number of the plan that led to it. */
export interface SessionCrash extends Crashed {
  readonly index: number;
  /** Where it is absent, the walks. */
  readonly stage?: Stage;
}

/** Operations, by what they were spent on. */
export interface Cost {
  readonly confirming: number;
  readonly shrinking: number;
  /** On the simulator. */
  readonly simulated: number;
}

/** A violation, confirmed and shrunk. */
export interface Finding<W, S> {
  readonly violation: Violation;
  /** The shortest sequence that shows it. */
  readonly steps: readonly Step[];
  /** A run of it, with history and evidence. */
  readonly run: Run<W, S>;
  /** The steps with which it was found, and the number of their plan. */
  readonly original: readonly Step[];
  readonly index: number;
  /** Where it is absent, the walks. */
  readonly stage?: Stage;
  /** Where it comes and goes: in how many of so many runs the shortest sequence showed it. */
  readonly shows?: { readonly times: number; readonly of: number };
  /** How often the shortest sequence showed it, and in how many runs. */
  readonly confirmed: { readonly shown: number; readonly of: number };
  readonly shrunkOn: 'machine' | 'simulator';
  /** Operations that the session had spent on finding when it was met. */
  readonly foundAfter: number;
  readonly cost: Cost;
  readonly explanation: Explanation;
}

/** A violation that did not show again, with all that was seen of it. */
export interface Flaky<W, S> {
  readonly violation: Violation;
  readonly index: number;
  readonly steps: readonly Step[];
  /** How often it showed when it was asked for again, and in how many runs. */
  readonly again: { readonly shown: number; readonly of: number };
  /** The run that showed it, and the last one that did not. */
  readonly runs: readonly Run<W, S>[];
  readonly cost: Cost;
}

/** What came of a session. All but `discarded` and `done` is the same for the same seed and catalog, however many machines. */
export interface Session<W, S> {
  readonly findings: readonly Finding<W, S>[];
  readonly flaky: readonly Flaky<W, S>[];
  readonly inconclusive: readonly {
    readonly index: number;
    readonly reason: string;
    readonly cause: InconclusiveCause;
  }[];
  /** Where stackfuzz itself failed: faults of its own, and no findings. */
  readonly crashes: readonly SessionCrash[];
  /** How often each known signature was met. */
  readonly known: Readonly<Record<string, number>>;
  readonly runs: number;
  /** Operations of these runs. */
  readonly operations: number;
  /** Runs by their stage. */
  readonly stages: Readonly<Record<Stage, number>>;
  readonly cost: Cost;
  /** Operations done ahead of their turn that were not wanted any more. */
  readonly discarded: number;
  /** All operations that were done to machines, for whatever they were done: those that the hooks were told of. */
  readonly done: number;
  readonly coverage: Coverage;
  /** What was tried: operations, what was done before them, what was special about the world (goals.ts); sorted. */
  readonly goals: readonly string[];
  /** Number of the next walk: `from` of a session that goes on. */
  readonly next: number;
  /** The place after the last plan: where a session that goes on begins. */
  readonly goOn: Place;
  /** Why it ended, in words. */
  readonly ended: string;
}
