import { unitOf } from '../../models/machine/search-path.ts';
import { isRebuild } from '../../models/role.ts';
import { withUnit } from '../altered.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A rebuild that starts a stack which somebody had stopped names its unit.',
  from: 'S10, S11; plan, W2; facts.md F163',
  sweeping: true,
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || !isRebuild(last.role)) return [];
    const { uncertain, manager, stacks } = last.before;
    if (uncertain !== null || manager === 'down') return [];
    const sentences: string[] = [];
    for (const stack in last.after.stacks) {
      const unit = unitOf(stack);
      if (stacks[stack]?.active !== 'inactive' || last.seenBefore.units[unit] === undefined) continue;
      if (seen.units[unit]?.activeState !== 'active' || last.claim.message.includes(unit)) continue;
      sentences.push(`${last.step.operation} started ${unit}, which somebody had stopped, and does not say so`);
    }
    return sentences;
  },
  example: {
    after: [
      { operation: 'stop', args: { stack: 'web' } },
      { operation: 'rebuild', args: {} },
    ],
    lie: seen => withUnit(seen, 'web-stack.service', { activeState: 'active' }),
  },
} satisfies Invariant;
