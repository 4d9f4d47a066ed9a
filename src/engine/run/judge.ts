import type { StepRecord } from '../../../models/operation.ts';
import { type Model, unexplained, type Violation } from '../types.ts';
import { differences } from './compare.ts';
import { asking } from './crash.ts';
import { gistOf, signatureOf } from './signature.ts';

/** What a machine showed, with all that is needed to judge it. */
export interface JudgedLook<W, S> {
  readonly seen: S;
  readonly world: W;
  readonly expected: S;
  readonly history: readonly StepRecord<W, S>[];
  /** Index of the step that was just done. */
  readonly at: number;
}

/**
 * The promise that is broken, or undefined: first the promises in their order, then the comparison with the expected
 * observation.
 */
export function judged<W, S, H>(model: Model<W, S, H>, look: JudgedLook<W, S>): Violation | undefined {
  let violation: Violation | undefined;
  const also: string[] = [];
  for (const [name, invariant] of model.invariants) {
    const details = asking('invariant', name, 'broken', () => invariant.broken(look.seen, look.world, look.history));
    if (details.length === 0) continue;
    if (violation !== undefined) also.push(name);
    else violation = broken(model, look, name, invariant.promise, details, also);
  }
  return violation ?? compared(model, look);
}

/** A difference that no promise explains is a violation too: the machine is not as the model says. */
function compared<W, S, H>(model: Model<W, S, H>, look: JudgedLook<W, S>): Violation | undefined {
  if (asking('the', 'model', 'alike', () => model.alike?.(look.expected, look.seen) ?? false)) return undefined;
  const [expected, found] = asking('the', 'model', 'lasting', () => [
    model.lasting(look.expected, look.expected),
    model.lasting(look.seen, look.expected),
  ]);
  const details = differences(expected, found);
  if (details.length === 0) return undefined;
  return broken(model, look, unexplained, 'The machine shows exactly what the model expects.', details, []);
}

function broken<W, S, H>(
  model: Model<W, S, H>,
  look: JudgedLook<W, S>,
  invariant: string,
  promise: string,
  details: readonly string[],
  also: readonly string[],
): Violation {
  const last = look.history.at(-1);
  const gist = gistOf(model, invariant, details, look.world, last);
  return {
    invariant,
    promise,
    details,
    signature: signatureOf(model, invariant, details, look.world, last),
    ...(gist !== undefined && { gist }),
    also,
    at: look.at,
  };
}
