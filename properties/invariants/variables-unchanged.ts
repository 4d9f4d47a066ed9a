import { newIn, unasked, withAround } from '../around.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: "The environment of the operator's user manager stays as it was.",
  from: 'S10, S11; facts.md F122',
  sweeping: true,
  broken(seen, _world, history) {
    const last = unasked(history);
    if (last === undefined || seen.around === undefined) return [];
    return newIn(seen.around.environment, last.seenBefore.around?.environment).map(
      ([name, what]) => `${last.step.operation} was done, and the variable ${name} of the user manager is ${what}`,
    );
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withAround(seen, { environment: { JUNK: 'new' } }),
  },
} satisfies Invariant;
