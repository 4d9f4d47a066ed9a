import type { Claim } from '../../models/host.ts';
import type { Args, Done, Operation, Step, StepRecord } from '../../models/operation.ts';
import type { Invariant } from '../../properties/invariant.ts';
import type { Crashed } from './run/crash.ts';

/** What the engine needs of a machine besides the levers that operations use. */
export interface Machine<S> {
  readonly name: string;
  reset(): Promise<void>;
  settle(): Promise<{ readonly rested: boolean; readonly waiting: readonly string[] }>;
  observe(): Promise<S>;
  /** What makes everything that it shows worthless, in words; null if it is well. Asked before a violation counts. */
  ailment?(): Promise<string | null>;
  evidence(): Promise<string>;
}

/** A catalog ready to run: everything that the engine knows about the world under test. */
export interface Model<W, S, H> {
  readonly operations: ReadonlyMap<string, Operation<Args, W, H>>;
  /** In the order in which they are checked; the first that is broken names the finding. */
  readonly invariants: ReadonlyMap<string, Invariant<W, S>>;
  /** The world right after a reset. */
  start(): W;
  /** The step that made the start of every run. If it failed or lied, that is a violation before any step. */
  readonly first?: Step;
  /** What a faultless machine shows. */
  expectedObservation(world: W): S;
  /** An observation without volatile fields and without what the expected one leaves vague, so that the two can be compared. */
  lasting(seen: S, expected?: S): unknown;
  /** Whether two observations are equal except for volatile fields; by default `lasting` is compared. */
  alike?(one: S, other: S): boolean;
  /** A quick answer to `alike(expectedObservation(world), seen)`: true, or not known. */
  shows?(world: W, seen: S): boolean;
  /**
   * Replaces names, versions and numbers by placeholders, and the name of the last operation by its role: two sentences of the
   * same shape are the same finding.
   */
  shape(sentence: string, world: W, last?: Done): string;
  /**
   * The same without the reason that another program gave; null if the sentence contains none. The last line of such a program
   * can differ between two runs with the same cause.
   */
  gist?(sentence: string, world: W, last?: Done): string | null;
  /** The same steps under simpler names of stacks and services, simplest first; the shrinker tries them. */
  renamed?(steps: readonly Step[]): readonly (readonly Step[])[];
  /** The parts of the machine that hardly depend on each other. */
  readonly parts?: Parts;
  /**
   * What is special about a world, as aspects of a few words; the set of them is its abstract state. If a part is named: only
   * what concerns this part, and the machine as a whole.
   */
  aspects?(world: W, part?: string): readonly string[];
  /** Whether nothing is left to put right, so that the next step does not depend on earlier ones. */
  isWhole?(world: W): boolean;
}

/** Parts of a machine that hardly depend on each other, such as the stacks of a homelab. */
export interface Parts {
  readonly names: readonly string[];
  /** The part that a step is about; undefined if it is about the whole machine. */
  of(step: Step): string | undefined;
  /** The same steps about another part, with everything that they name in it. */
  moved(steps: readonly Step[], to: string): readonly Step[];
}

/** Names a finding that no promise explains: the machine is not as the model says. */
export const unexplained = 'expected-observation';

/** A promise that was broken. */
export interface Violation {
  /** Name of the promise; `expected-observation` if only the comparison found a difference. */
  readonly invariant: string;
  readonly promise: string;
  /** What was seen, one plain sentence each. */
  readonly details: readonly string[];
  /** What makes two violations the same finding: the promise, and the shape of its details. */
  readonly signature: string;
  /** The signature without the reason that another program gave; absent if it contains none. */
  readonly gist?: string;
  /** Other promises broken at the same moment. */
  readonly also: readonly string[];
  /** Index in `Run.taken` of the step after which it was seen; -1 if before the first one. */
  readonly at: number;
}

/** A step as it went: done, with its claim, or skipped because it was no longer possible. */
export interface Taken {
  readonly step: Step;
  readonly skipped: boolean;
  readonly claim?: Claim;
  /** Reasons that would justify a failure: why it may fail, and why it must. */
  readonly mayFail: readonly string[];
}

/** How a run ended. If the machine or stackfuzz has a fault it is inconclusive, never violated. */
export type Verdict =
  | { readonly kind: 'held' }
  | { readonly kind: 'violated'; readonly violation: Violation }
  | { readonly kind: 'inconclusive'; readonly at: number; readonly reason: string; readonly cause?: InconclusiveCause };

/**
 * Why there is no verdict: the machine or the way to it is sick, the start was wrong, the run was stopped (by the operator, or
 * because the budget was spent), or stackfuzz itself failed.
 */
export type InconclusiveCause = 'machine' | 'start' | 'stopped' | 'crash';

/** A sequence of steps that was done to a machine, and how it ended. */
export interface Run<W, S> {
  readonly verdict: Verdict;
  readonly taken: readonly Taken[];
  /** The step records with their worlds, for reports; skipped steps are not among them. */
  readonly history: readonly StepRecord<W, S>[];
  /** The last observation, and the expected one. */
  readonly seen?: S;
  readonly expected?: S;
  /** Evidence from the machine at the end: kept for a run that did not hold, and for a record. */
  readonly evidence?: string;
  /** The same before the first step: kept for a record. */
  readonly before?: string;
  /** How stackfuzz itself failed, if it did. */
  readonly crash?: Crashed;
}
