import type { Step } from '../../../models/operation.ts';

/** The path to a state: for each depth the index of the step among those that are possible there. */
export type Path = readonly number[];

/** Something that was found. `key` says which findings are the same; of several paths to it the simplest is kept. */
export interface MetState {
  readonly kind: 'violated' | 'sick' | 'stuck';
  readonly signature: string;
  readonly path: Path;
  /** What is done after the path; empty unless it is a recovery. */
  readonly remedies: readonly Step[];
  /** The sum of the ranks of its choices: of equally short paths the one with the simplest arguments comes first. */
  readonly cost: number;
}

/** Whether one path is simpler than another: shorter, or of simpler arguments. Of equal ones the first is kept. */
export const isSimpler = (one: MetState, other: MetState): boolean => {
  const length = ({ path, remedies }: MetState) => path.length + remedies.length;
  return length(one) !== length(other) ? length(one) < length(other) : one.cost < other.cost;
};
