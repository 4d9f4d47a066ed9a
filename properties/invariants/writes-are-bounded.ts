import { unasked, withAround } from '../around.ts';
import type { Invariant } from '../invariant.ts';

/** MiB that one command may write beside podman's store: a generation has some KiB. */
const bound = 8;

export default {
  promise: "A command writes no more than 8 MiB in the operator's own places, without podman's store.",
  from: 'S10',
  sweeping: true,
  broken(seen, _world, history) {
    const last = unasked(history);
    if (last === undefined || seen.around === undefined) return [];
    const more = seen.around.written - (last.seenBefore.around?.written ?? 0);
    return more > bound ? [`${last.step.operation} has written ${more} MiB that nothing accounts for`] : [];
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withAround(seen, { written: 20 }),
  },
} satisfies Invariant;
