import { rolledBack } from '../../models/machine/outcome.ts';
import { withContainer } from '../altered.ts';
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
    const units = Object.keys(seen.units).filter(
      name => seen.units[name]?.restarted || (seen.units[name]?.starts ?? 0) > 0,
    );
    const containers = Object.keys(seen.containers).filter(name => {
      const [is, was] = [seen.containers[name], last.seenBefore.containers[name]];
      return is?.restarted || (was !== undefined && is?.instance !== was.instance);
    });
    return [...units, ...containers.map(name => `container ${name}`)].map(
      name => `${last.step.operation} failed and was to change nothing, yet ${name} was started anew`,
    );
  },
  example: {
    after: [{ operation: 'reload', args: { stack: 'web' } }],
    claim: { ok: false, status: 3, message: 'Job type reload is not applicable for unit web-stack.service.' },
    lie: seen => withContainer(seen, 'web/app', { restarted: true }),
  },
} satisfies Invariant;
