import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A stack that cannot start for want of an env file says which file, where an operator looks.',
  from: 'S05, S06; plan, W1 (hard-fail on missing required secrets); scenarios S05, S06 (the log names the cause); D06',
  broken(_seen, _world, history) {
    const last = history.at(-1);
    if (last === undefined || last.claim.ok || last.mustFail.length === 0) return [];
    const { missingSecrets, malformedSecrets } = last.before;
    const files = [...missingSecrets, ...malformedSecrets].map(secret => `${secret}.env`);
    const names = last.mustFail.map(reason => files.find(file => reason.includes(`~/secrets/${file},`)));
    // Another reason to fail, or something else in the way, may well be what it failed for.
    if (names.some(name => name === undefined)) return [];
    if (last.mayFail.some(reason => !last.mustFail.includes(reason))) return [];
    const said = `${last.claim.message}\n${last.claim.log ?? ''}`;
    if (names.some(name => name !== undefined && said.includes(name))) return [];
    return [`${last.step.operation} failed because of ${names[0]}, and neither it nor the log says so`];
  },
  example: {
    after: [
      { operation: 'remove-secret', args: { secret: 'web' } },
      { operation: 'restart', args: { stack: 'web' } },
    ],
    claim: { ok: false, status: 1, message: 'Job for web-stack.service failed.', log: '' },
    lie: seen => seen,
  },
} satisfies Invariant;
