import type { Step } from '../../../models/operation.ts';
import { asking } from '../run/crash.ts';
import type { Model, Run } from '../types.ts';

/** What is said of a world in which nothing is special. */
export const plain = 'nothing special';

/**
 * What is special about a world, as far as a step is concerned: one about a part of the machine sees that part only. A model
 * that tells nothing has one aspect.
 */
export function aspectsFor<W, S, H>(model: Model<W, S, H>, world: W, part: string | undefined): readonly string[] {
  const found = asking('the', 'model', 'aspects', () => model.aspects?.(world, part) ?? []);
  return found.length === 0 ? [plain] : found;
}

/** An operation and an aspect of the world that it was done in. */
export const pairOf = (operation: string, aspect: string): string => `${operation} / ${aspect}`;

/** The pairs that a step covers in a world. */
const pairsOf = <W, S, H>(model: Model<W, S, H>, world: W, step: Step): readonly string[] =>
  aspectsFor(model, world, model.parts?.of(step)).map(aspect => pairOf(step.operation, aspect));

/** The pairs that a run has covered. */
export const pairsIn = <W, S, H>(model: Model<W, S, H>, { history }: Pick<Run<W, S>, 'history'>): readonly string[] =>
  history.flatMap(({ step, before }) => pairsOf(model, before, step));
