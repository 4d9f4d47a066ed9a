import type { Step } from '../../../models/operation.ts';
import type { Size } from '../plan/plan.ts';
import type { Crashed } from '../run/crash.ts';
import type { Feeder, Place, Stage } from '../schedule/slots.ts';
import type { Explanation } from '../shrink/explain.ts';
import type { InconclusiveCause, Machine, Model, Run, Taken, Violation } from '../types.ts';
import type { Confirmations } from './confirm.ts';
import type { Coverage } from './coverage.ts';
import type { Limits } from './meter.ts';

/** What a session needs; all but the first five fields have defaults. */
export interface SessionOptions<W, S, H> {
  readonly model: Model<W, S, H>;
  /** The machines under test, opened and closed by the caller; there are as many runs at a time. A reset makes one fresh. */
  readonly machines: readonly (Machine<S> & H)[];
  readonly seed: number;
  readonly size: Size;
  /** Plans to run; 100 if neither this nor a budget is given. */
  readonly runs?: number;
  /** Number of the first walk: where an earlier session of the same seed ended. */
  readonly from?: number;
  /** The stages before the walks, in order. */
  readonly before?: readonly Feeder<W, S>[];
  /** False if the session ends after those stages. */
  readonly walks?: boolean;
  /** What may be spent on finding. Shrinking has a budget of its own, so that no finding is left half done. */
  readonly budget?: Limits;
  /** When its time began to be spent, in milliseconds since 1970; now if absent. */
  readonly begun?: number;
  /** What may be spent on shrinking one finding on the machine; by default 300 operations. */
  readonly shrinking?: Limits;
  /** Makes a simulated machine, on which shrinking costs nothing. */
  readonly simulator?: () => Machine<S> & H;
  /** The machines do the same every time: one confirmation is enough, and operations cost nothing. */
  readonly deterministic?: boolean;
  readonly confirmations?: Confirmations;
  /** Signatures known from the corpus: they are counted, and not shrunk again. */
  readonly known?: ReadonlySet<string>;
  /** The steps of those, used if there is no simulator. */
  readonly knownSteps?: readonly (readonly Step[])[];
  /**
   * Leaves out the steps at which the simulator shows a known finding, or which complete a sequence that is known to show one,
   * so that runs get beyond it. `after suspects`: not in the suspects, which are to show it first.
   */
  readonly beyondKnown?: boolean | 'after suspects';
  /** Ends the session after this number of findings. */
  readonly findings?: number;
  /** Ends the session after this number of runs in a row without a verdict; by default 5. */
  readonly patience?: number;
  readonly signal?: AbortSignal;
  readonly hooks?: Hooks<W, S>;
}

/** What a session is doing: finding, repeating, or shrinking on the machine or on the simulator. */
export type Phase = 'find' | 'confirm' | 'shrink' | 'simulate';

/** Where an operation is done. */
export interface Where {
  readonly phase: Phase;
  /** Index among the session's machines. */
  readonly machine: number;
  /** Index of the step in its sequence, and the length of the sequence. */
  readonly index: number;
  readonly of: number;
}

/** Called during a session, but never for the simulator's operations. */
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
  /** Another hook threw; the session goes on. Called once for each trouble. */
  onTrouble?(trouble: string): void;
}

/** A crash, with the number of the plan that led to it. */
export interface SessionCrash extends Crashed {
  readonly index: number;
  /** If absent, the walks. */
  readonly stage?: Stage;
}

/** Operations by what they were spent on. */
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
  /** If absent, the walks. */
  readonly stage?: Stage;
  /** Present if it comes and goes: in how many of these runs the shortest sequence showed it. */
  readonly shows?: { readonly times: number; readonly of: number };
  /** How often the shortest sequence showed it, and in how many runs. */
  readonly confirmed: { readonly shown: number; readonly of: number };
  readonly shrunkOn: 'machine' | 'simulator';
  /** Operations that the session had spent on finding when it was met. */
  readonly foundAfter: number;
  readonly cost: Cost;
  readonly explanation: Explanation;
}

/** A violation that did not show again, with everything that was seen of it. */
export interface Flaky<W, S> {
  readonly violation: Violation;
  readonly index: number;
  readonly steps: readonly Step[];
  /** How often it showed when it was repeated, and in how many runs. */
  readonly again: { readonly shown: number; readonly of: number };
  /** The run that showed it, and the last one that did not. */
  readonly runs: readonly Run<W, S>[];
  readonly cost: Cost;
}

/**
 * The result of a session. All but `discarded` and `done` is the same for the same seed and catalog, for any number of
 * machines.
 */
export interface Session<W, S> {
  readonly findings: readonly Finding<W, S>[];
  readonly flaky: readonly Flaky<W, S>[];
  readonly inconclusive: readonly {
    readonly index: number;
    readonly reason: string;
    readonly cause: InconclusiveCause;
  }[];
  /** Failures of stackfuzz itself, which are no findings. */
  readonly crashes: readonly SessionCrash[];
  /** How often each known signature was met. */
  readonly known: Readonly<Record<string, number>>;
  readonly runs: number;
  /** Operations of these runs. */
  readonly operations: number;
  /** Number of runs by stage. */
  readonly stages: Readonly<Record<Stage, number>>;
  readonly cost: Cost;
  /** Operations done ahead of their turn that were no longer wanted. */
  readonly discarded: number;
  /** All operations that were done to machines, for any purpose: those that the hooks were called for. */
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
