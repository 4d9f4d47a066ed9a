import { unasked, withAround } from '../around.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'No file with a secret in it can be read by others.',
  from: 'S05; plan, W3',
  sweeping: true,
  broken(seen, _world, history) {
    const last = unasked(history);
    if (last === undefined || seen.around === undefined) return [];
    const before = last.seenBefore.around?.readable ?? [];
    return seen.around.readable
      .filter(path => !before.includes(path))
      .map(path => `${last.step.operation} was done, and others may read ${path}, which holds a secret`);
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withAround(seen, { readable: ['/tmp/web.env'] }),
  },
} satisfies Invariant;
