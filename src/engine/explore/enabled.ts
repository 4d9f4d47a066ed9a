import type { Args, Operation } from '../../../models/operation.ts';
import { asking } from '../run/crash.ts';
import type { Model } from '../types.ts';

/** A step that is possible in some state. */
export interface Enabled<W, H> {
  readonly operation: string;
  readonly args: Args;
  readonly does: Operation<Args, W, H>;
  /** Its index among the choices of its operation: 0 is the simplest. */
  readonly rank: number;
}

/** All steps that are possible in a world, in the order of the catalog. A step is identified by its index here. */
export function enabledIn<W, S, H>(model: Model<W, S, H>, world: W): readonly Enabled<W, H>[] {
  const steps: Enabled<W, H>[] = [];
  for (const [operation, does] of model.operations) {
    const choices = asking('operation', operation, 'choices', () => does.choices(world));
    for (let rank = 0; rank < choices.length; rank++) {
      steps.push({ operation, args: choices[rank] as Args, does, rank });
    }
  }
  return steps;
}
