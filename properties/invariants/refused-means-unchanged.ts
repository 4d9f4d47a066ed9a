import { rolledBack } from '../../models/machine/outcome.ts';
import type { UnitSeen } from '../../models/observation.ts';
import { withContainer } from '../altered.ts';
import { startedAnew } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'What is refused changes nothing: nothing restarts, nothing is made anew.',
  from: 'S05, S07, S11; facts.md F26, F32; facts-debian13 F97; defects.md D08',
  // Most of what restarts here does so since the failure came half-way, which another promise tells better.
  sweeping: true,
  broken(seen, _world, history) {
    const last = history.at(-1);
    if (last === undefined || last.claim.ok || last.before.stacks !== last.after.stacks) return [];
    // An update that says that it tried the new image and went back was not refused (scenario S13a).
    if (last.after.uncertain !== null || rolledBack(last.claim).length > 0) return [];
    const anew: string[] = [];
    for (const name in seen.units) {
      const { restarted, starts } = seen.units[name] as UnitSeen;
      if (restarted || (starts ?? 0) > 0) anew.push(name);
    }
    for (const name of startedAnew(seen, last.seenBefore)) anew.push(`container ${name}`);
    return anew.map(name => `${last.step.operation} failed and was to change nothing, yet ${name} was started anew`);
  },
  example: {
    after: [{ operation: 'reload', args: { stack: 'web' } }],
    claim: { ok: false, status: 3, message: 'Job type reload is not applicable for unit web-stack.service.' },
    lie: seen => withContainer(seen, 'web/app', { restarted: true }),
  },
} satisfies Invariant;
