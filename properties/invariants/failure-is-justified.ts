import type { Invariant } from '../invariant.ts';

export default {
  promise: 'What fails has a reason in the state of the machine: a missing secret, drift, a manager that is down.',
  from: 'S05, S06, S08, S13; plan, W1; defects.md D02, D03',
  broken(_seen, _world, history) {
    const last = history.at(-1);
    if (last === undefined || last.claim.ok || last.grounds.length > 0) return [];
    const said = lastLine(last.claim.message);
    return [`${last.step.operation} failed with status ${last.claim.status}, and nothing stands in its way: ${said}`];
  },
  example: {
    after: [{ operation: 'auto-update', args: {} }],
    claim: { ok: false, status: 125, message: 'Error: raw-image name is empty' },
    lie: seen => seen,
  },
} satisfies Invariant;

/**
 * The last line of a message, which is where programs name the cause, unless systemctl only adds where to look; ids taken
 * out, since they never repeat.
 */
const lastLine = (message: string): string => {
  const lines = message.trim().split('\n');
  const line = lines.findLast(each => !/^(?:Job for|See ")/.test(each)) ?? lines.at(-1) ?? '';
  return line
    .replace(/^[\s*]*(?:Error: )?/, '')
    .replace(/"[0-9a-f]+"|\b[0-9a-f]{64}\b/g, 'ID')
    .replace(/sha256:[0-9a-f]+/g, 'DIGEST')
    .slice(0, 200);
};
