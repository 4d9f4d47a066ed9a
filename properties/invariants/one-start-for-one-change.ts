import { unitOf } from '../../models/machine/search-path.ts';
import type { Role } from '../../models/role.ts';
import { withUnit } from '../altered.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A command that claims success starts the unit of a stack once at the most: one start for one change.',
  from: 'S03, S08, S10; plan, W3.3',
  // What is started twice is mostly put back, or disturbed, of which a narrower promise tells more.
  sweeping: true,
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    const most = last === undefined ? undefined : startsBy[last.role];
    if (last === undefined || most === undefined || last.before.uncertain !== null) return [];
    const allowed = most * (last.claim.commands ?? 1);
    const sentences: string[] = [];
    for (const stack in last.after.stacks) {
      const unit = unitOf(stack);
      const starts = seen.units[unit]?.starts ?? null;
      if (starts === null || starts <= allowed) continue;
      sentences.push(`${last.step.operation} started ${unit} ${times(starts)}, not ${times(allowed)}`);
    }
    return sentences;
  },
  example: {
    after: [{ operation: 'change-environment', args: { stack: 'web', service: 'app', greeting: 'goodbye' } }],
    lie: seen => withUnit(seen, 'web-stack.service', { starts: 2 }),
  },
} satisfies Invariant;

/** How often one command may start a unit; a role that is not here may do so as it likes. */
const startsBy: Partial<Record<Role, number>> = {
  rebuild: 1,
  rollback: 1,
  update: 1,
  start: 1,
  stop: 0,
  reload: 0,
  'update-check': 0,
};

const times = (count: number): string => (count === 0 ? 'at all' : count === 1 ? 'once' : `${count} times`);
