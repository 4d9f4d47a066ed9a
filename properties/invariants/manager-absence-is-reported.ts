import { isRebuild } from '../../models/role.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'No command claims success while the user manager that it needs is down.',
  from: 'S11; plan, W3.8 and scope 5; facts.md F32; defects.md D21',
  broken(_seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || !isRebuild(last.role)) return [];
    if (last.before.manager !== 'down' || last.after.manager !== 'down') return [];
    return [`${last.step.operation} claims success, and the user manager is down`];
  },
  example: {
    after: [
      { operation: 'stop-manager', args: {} },
      { operation: 'rebuild', args: {} },
    ],
    lie: seen => seen,
  },
} satisfies Invariant;
