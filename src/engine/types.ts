import type { Claim } from '../../models/host.ts';
import type { Args, Done, Operation, Step, StepRecord } from '../../models/operation.ts';
import type { Invariant } from '../../properties/invariant.ts';
import type { Crashed } from './run/crash.ts';

/** What the engine needs of a machine besides the levers that operations pull. */
export interface Machine<S> {
  readonly name: string;
  reset(): Promise<void>;
  settle(): Promise<{ readonly rested: boolean; readonly waiting: readonly string[] }>;
  observe(): Promise<S>;
  /** What makes all that it shows worthless, in words; null where it is well. Asked before a violation counts. */
  ailment?(): Promise<string | null>;
  evidence(): Promise<string>;
}

/** A catalog ready to run: everything that the engine knows of the world under test. */
export interface Model<W, S, H> {
  readonly operations: ReadonlyMap<string, Operation<Args, W, H>>;
  /** In the order in which they are asked; the first that is broken names the finding. */
  readonly invariants: ReadonlyMap<string, Invariant<W, S>>;
  /** What we believe right after a reset. */
  start(): W;
  /** The step that every run's start was made by; where it failed or lied, that is a violation of no step. */
  readonly first?: Step;
  /** What a faultless machine shows. */
  expectedObservation(world: W): S;
  /** An observation without the volatile fields and what the expected one is silent about: so that two can be compared. */
  lasting(seen: S, expected?: S): unknown;
  /** Whether two observations are equal but for the volatile fields; `lasting` is compared where it is not given. */
  alike?(one: S, other: S): boolean;
  /** A quick answer to whether `alike(expectedObservation(world), seen)`: yes, or not known. */
  shows?(world: W, seen: S): boolean;
  /**
   * Replaces names, versions and numbers by placeholders, and that of the last operation by its role's: two sentences of the
   * same shape are the same finding.
   */
  shape(sentence: string, world: W, last?: Done): string;
  /**
   * The same without the reason that another program gave; null where the sentence gives none. Which line such a program
   * says last can differ between two runs of one and the same cause.
   */
  gist?(sentence: string, world: W, last?: Done): string | null;
  /** The same steps under simpler names of stacks and services, simplest first; the shrinker tries them. */
  renamed?(steps: readonly Step[]): readonly (readonly Step[])[];
  /** The parts of the machine that have little to do with each other. */
  readonly parts?: Parts;
  /**
   * What is special about a world, in a few words each: an abstract state is the set of them. Where a part is named, only
   * what concerns it, and the machine as a whole.
   */
  aspects?(world: W, part?: string): readonly string[];
  /** Whether nothing is left to put right, so that what is done next stands on its own. */
  isWhole?(world: W): boolean;
}

/** Parts of a machine that have little to do with each other, as the stacks of a homelab. */
export interface Parts {
  readonly names: readonly string[];
  /** The part that a step is about; absent where it is about the whole machine. */
  of(step: Step): string | undefined;
  /** The same steps about another part, all that they name in it included. */
  moved(steps: readonly Step[], to: string): readonly Step[];
}

/** Names a finding that no invariant explains: the machine is not as the model says. */
export const unexplained = 'expected-observation';

/** A promise that was broken. */
export interface Violation {
  /** Name of the invariant; `expected-observation` where the comparison itself found a difference that no invariant explains. */
  readonly invariant: string;
  readonly promise: string;
  /** What was seen, one plain sentence each. */
  readonly details: readonly string[];
  /** What makes two violations the same finding: the invariant and the shape of its details. */
  readonly signature: string;
  /** The signature without the reason that another program gave; absent where it holds none. */
  readonly gist?: string;
  /** Other invariants broken at the same moment. */
  readonly also: readonly string[];
  /** Index in `Run.taken` of the step after which it was seen; -1 where it was seen before the first one. */
  readonly at: number;
}

/** A step as it went: taken with its claim, or skipped because it was no longer possible. */
export interface Taken {
  readonly step: Step;
  readonly skipped: boolean;
  readonly claim?: Claim;
  /** What would make a failure honest, one reason each: why it may fail, and why it must. */
  readonly mayFail: readonly string[];
}

/** How a run ended. A sick host or harness is inconclusive, never a violation. */
export type Verdict =
  | { readonly kind: 'held' }
  | { readonly kind: 'violated'; readonly violation: Violation }
  | { readonly kind: 'inconclusive'; readonly at: number; readonly reason: string; readonly cause?: InconclusiveCause };

/**
 * Why nothing can be said: the machine or the way to it is sick, it was not right to begin with, or the run was stopped
 * (by the operator, or because the budget was spent); or stackfuzz itself failed.
 */
export type InconclusiveCause = 'machine' | 'start' | 'stopped' | 'crash';

/** A sequence of steps done to a machine, and how it ended. */
export interface Run<W, S> {
  readonly verdict: Verdict;
  readonly taken: readonly Taken[];
  /** What happened, with the worlds: for reports. Steps skipped are not in it. */
  readonly history: readonly StepRecord<W, S>[];
  /** The last observation, and what was expected there. */
  readonly seen?: S;
  readonly expected?: S;
  /** What the machine said at the end: kept for a run that did not hold, and for a record. */
  readonly evidence?: string;
  /** The same before the first step: kept for a record. */
  readonly before?: string;
  /** How stackfuzz itself failed, where it did. */
  readonly crash?: Crashed;
}
