import type { Claim } from '../../models/host.ts';
import { tellingLine } from '../../models/machine/cause.ts';
import { stackOf } from '../../models/machine/search-path.ts';
import { because } from '../../models/search/signature.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'What fails has a reason in the state of the machine: a missing secret, drift, a manager that is down.',
  from: 'S05, S06, S08, S13; plan, W1; defects.md D02, D03',
  broken(_seen, _world, history) {
    const last = history.at(-1);
    if (last === undefined || last.claim.ok || last.mayFail.length > 0) return [];
    return [`${last.step.operation} failed with status ${last.claim.status}${because}${reasonIn(last.claim)}`];
  },
  example: {
    after: [{ operation: 'auto-update', args: {} }],
    claim: { ok: false, status: 125, message: 'Error: raw-image name is empty' },
    lie: seen => seen,
  },
} satisfies Invariant;

/** The stack's unit that failed, and what it said; where no unit did, what the command said itself. Ids never repeat. */
function reasonIn({ cause, message, status }: Claim): string {
  const line = cause === undefined ? tellingLine(message.split('\n'), status) : cause.says;
  const says = line
    .replace(/^[\s*]*(?:Error: )?/, '')
    .replace(/"[0-9a-f]+"|\b[0-9a-f]{64}\b/g, 'ID')
    .replace(/sha256:[0-9a-f]+/g, 'DIGEST')
    .slice(0, 300);
  const named = cause !== undefined && stackOf(cause.unit) !== null && !says.startsWith(cause.unit);
  return named ? `${cause.unit}: ${says}` : says;
}
