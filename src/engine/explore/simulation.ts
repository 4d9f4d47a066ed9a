import type { Args, Operation, Step } from '../../../models/operation.ts';
import type { Scribe } from '../../../models/search/state-writer.ts';
import type { Model } from '../types.ts';

/** Machines in memory that can be forked and told apart; their levers answer at once. */
export interface Simulation<M, W, S, H> {
  /** One that was just reset and looked at. @throws Unstarted where there is none to start from: that is judged */
  start(): M;
  /** One like it, which goes its own way. */
  fork(from: M): M;
  /** Levers that act on this one until they are asked for of another. */
  levers(of: M): H;
  observe(it: M): S;
  /**
   * Takes down how a world and its machine, just looked at, stand. Two that are taken down alike must do and show the same in
   * every sequence of so many operations.
   */
  write(world: W, it: M, left: number, scribe: Scribe): void;
}

/** What is explored: a model, machines for it, and what is to be found on the way. */
export interface Explored<M, W, S, H> {
  readonly model: Model<W, S, H>;
  readonly simulation: Simulation<M, W, S, H>;
  /** States that must be reached, by what they are called, or a pass says little. */
  readonly interesting?: ReadonlyMap<string, (world: W) => boolean>;
  readonly recovery?: Recovery<W, H>;
}

/** What an operator would do, in whatever state, to get back to a machine that is as a fresh one. */
export interface Recovery<W, H> {
  /** The next thing to do by hand; null where nothing is left to do. */
  remedy(world: W): Remedy<W, H> | null;
  /** What is done at last: it must claim success, and the promises are asked. */
  last(world: W): Remedy<W, H>;
}

/** A step with its operation, which need not be one of the catalog. */
export interface Remedy<W, H> extends Step {
  readonly does: Operation<Args, W, H>;
}
