import { withAround } from '../around.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A container that a command stops is asked to end, and not killed.',
  from: 'S04, S10; plan, W1; facts.md F125',
  sweeping: true,
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || last.kind === 'drift' || seen.around === undefined) return [];
    return seen.around.killed.map(name => `${last.step.operation} claims success, and container ${name} was killed`);
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withAround(seen, { killed: ['web/app'] }),
  },
} satisfies Invariant;
