import { unitOf } from '../../models/machine/search-path.ts';
import { isRebuild } from '../../models/role.ts';
import { withUnit } from '../altered.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A rebuild that claims success has started the unit of each stack whose definition it changed.',
  from: 'S03; plan, success criterion 3; facts.md F110',
  // Mostly what runs shows that it was not; then a narrower promise says so.
  sweeping: true,
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || !isRebuild(last.role)) return [];
    if (last.before.uncertain !== null || last.after.uncertain !== null) return [];
    return Object.keys(last.after.stacks).flatMap(stack => {
      const [before, after] = [last.before.stacks[stack], last.after.stacks[stack]];
      if (after?.active !== 'active' || before?.made === after.made) return [];
      const unit = unitOf(stack);
      return seen.units[unit]?.starts === 0 ? [`the definition of ${unit} changed, and it was not started`] : [];
    });
  },
  example: {
    after: [{ operation: 'change-environment', args: { stack: 'web', service: 'app', greeting: 'goodbye' } }],
    lie: seen => withUnit(seen, 'web-stack.service', { starts: 0 }),
  },
} satisfies Invariant;
