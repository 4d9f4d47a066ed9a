import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'No command claims success where something makes it impossible: it fails fast, and nothing pretends.',
  from: 'S05, S06, S09, S13; plan, W1 (hard-fail); facts-debian13 F77, F78; defects.md D06, D07, D42',
  broken(_seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || last.kind === 'drift') return [];
    return last.mustFail.map(reason => `${last.step.operation} claims success, although ${reason}`);
  },
  example: {
    after: [
      { operation: 'remove-secret', args: { secret: 'web' } },
      { operation: 'restart', args: { stack: 'web' } },
    ],
    claim: { ok: true, status: 0 },
    lie: seen => seen,
  },
} satisfies Invariant;
