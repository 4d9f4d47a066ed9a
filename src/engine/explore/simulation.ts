import type { Args, Operation, Step } from '../../../models/operation.ts';
import type { Scribe } from '../../../models/search/state-writer.ts';
import type { Model } from '../types.ts';

/** Machines in memory that can be copied and compared. Their levers answer at once. */
export interface Simulation<M, W, S, H> {
  /** A machine that was just reset and observed. @throws Unstarted if its first command failed: that is judged */
  start(): M;
  /** An independent copy. */
  fork(from: M): M;
  /** The levers of this machine; they are valid until those of another one are asked for. */
  levers(of: M): H;
  observe(it: M): S;
  /**
   * Writes down the state of a world and of its machine, which was just observed. Two states that are written alike must act
   * and look the same in every sequence of that many operations.
   */
  write(world: W, it: M, left: number, scribe: Scribe): void;
}

/** What is explored: a model, its machines, and what a thorough exploration reaches. */
export interface Explored<M, W, S, H> {
  readonly model: Model<W, S, H>;
  readonly simulation: Simulation<M, W, S, H>;
  /** States that an exploration should reach, by name; a pass that did not reach them says little. */
  readonly interesting?: ReadonlyMap<string, (world: W) => boolean>;
  readonly recovery?: Recovery<W, H>;
}

/** What an operator would do, in any state, to get back to a machine like a fresh one. */
export interface Recovery<W, H> {
  /** The next thing to do by hand; null if nothing is left to do. */
  remedy(world: W): Remedy<W, H> | null;
  /** What is done last: it must claim success, and every promise is checked. */
  last(world: W): Remedy<W, H>;
}

/** A step with its operation, which need not be in the catalog. */
export interface Remedy<W, H> extends Step {
  readonly does: Operation<Args, W, H>;
}
