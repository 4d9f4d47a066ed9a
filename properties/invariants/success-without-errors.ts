import { stackOf } from '../../models/machine/search-path.ts';
import { withAround } from '../around.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A command that claims success hides no error that a stack unit told the journal at the same time.',
  from: 'S10, S13; facts.md F124',
  sweeping: true,
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || last.kind === 'drift' || seen.around === undefined) return [];
    return [...new Set(seen.around.errors)]
      .filter(line => {
        const unit = line.slice(0, line.indexOf(':'));
        // A unit that shows that it failed, as after a boot, hides nothing.
        return stackOf(unit) !== null && seen.units[unit]?.activeState !== 'failed';
      })
      .map(line => `${last.step.operation} claims success, and the journal has an error of ${line}`);
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withAround(seen, { errors: ['web-stack.service: FATAL'] }),
  },
} satisfies Invariant;
