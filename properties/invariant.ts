import type { Observation } from '../models/observation.ts';
import type { StepRecord } from '../models/operation.ts';
import type { World } from '../models/world.ts';

/** A promise that must hold after every operation. Its name is the name of its file. */
export interface Invariant<W = World, S = Observation> {
  /** One sentence that reads aloud well. */
  readonly promise: string;
  /** Scenarios of the plan that it serves, and where the promise comes from. */
  readonly from: string;
  /**
   * It speaks only of what the step just done was to bring about: it is asked first, and gives its name to a finding where a
   * more general promise is broken at the same moment.
   */
  readonly about?: 'step';
  /**
   * It says of the whole machine what others say of its parts: it is asked last, and gives its name to a finding only
   * where no narrower promise is broken.
   */
  readonly sweeping?: true;
  /**
   * What is broken, one plain sentence each; empty where the promise holds. The last record is the operation just
   * done; the world is what we believe after it; history is empty right after a reset.
   */
  broken(seen: S, world: W, history: readonly StepRecord<W, S>[]): readonly string[];
  /** Something that trips it: every invariant proves that it can fail. */
  readonly example: Example<W, S>;
}

/** How a machine that holds every promise is changed until it breaks this one. */
export interface Example<W = World, S = Observation> {
  /** Operations done first, in the model only. */
  readonly after: readonly StepRecord['step'][];
  /** The claim of the last of them; success where absent. */
  readonly claim?: Partial<StepRecord['claim']>;
  /** The faultless observation, made faulty. */
  lie(faultless: S, world: W): S;
}
