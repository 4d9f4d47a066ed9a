import type { Observation } from '../models/observation.ts';
import type { StepRecord } from '../models/operation.ts';
import type { ModelConfig, World } from '../models/world.ts';

/** A promise that must hold after every operation. Its name is the name of its file. */
export interface Invariant<W = World, S = Observation> {
  /** One sentence. */
  readonly promise: string;
  /** The scenarios of the plan that it comes from. */
  readonly from: string;
  /**
   * It is only about the effect of the last step: it is asked first, and names the finding if a more general promise is broken
   * at the same time.
   */
  readonly about?: 'step';
  /**
   * It is about the whole machine, where others are about its parts: it is asked last, and names a finding only if no narrower
   * promise is broken.
   */
  readonly sweeping?: true;
  /**
   * What is broken, one plain sentence each; empty where the promise holds. The last record is the operation just
   * done; the world is what we believe after it; history is empty right after a reset.
   */
  broken(seen: S, world: W, history: readonly StepRecord<W, S>[]): readonly string[];
  /** An example that breaks it: every invariant proves that it can fail. */
  readonly example: Example<W, S>;
}

/** How an observation that keeps every promise is changed so that it breaks this one. */
export interface Example<W = World, S = Observation> {
  /** What it happens on, where that is not the homelab of the other examples. */
  readonly setup?: ModelConfig;
  /** Operations done first, in the model only. */
  readonly after: readonly StepRecord['step'][];
  /** The claim of the last of them; success where absent. */
  readonly claim?: Partial<StepRecord['claim']>;
  /** The faultless observation, made faulty. */
  lie(faultless: S, world: W): S;
}
