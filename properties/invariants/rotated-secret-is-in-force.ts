import { withContainer } from '../altered.ts';
import { differencesIn, lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'After a start or a rebuild that claims success containers have the secrets of their stack as they are now.',
  from: 'S05, S06; plan, success criterion 3; facts.md F104, F111',
  broken(seen, world, history) {
    const last = lastSuccess(history);
    if (last === undefined || last.kind === 'drift') return [];
    return differencesIn(seen, world).secrets.map(says => `${last.step.operation} claims success, but ${says}`);
  },
  example: {
    after: [
      { operation: 'rotate-secret', args: { secret: 'web' } },
      { operation: 'restart', args: { stack: 'web' } },
    ],
    lie: seen => withContainer(seen, 'web/app', { secretTexts: 'web=1' }),
  },
} satisfies Invariant;
