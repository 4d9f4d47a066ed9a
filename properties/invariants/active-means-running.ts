import { stackOf } from '../../models/machine/search-path.ts';
import { withContainer } from '../altered.ts';
import { asBelieved, failedLast, wasActivated } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A unit that is active has every container that it declares running.',
  from: 'S05, S08, S09; plan, W1 (hard-fail invariants); facts.md F17, facts-debian13 F77, F78',
  broken(seen, world, history) {
    if (failedLast(history) || asBelieved(seen, world) || !wasActivated(seen, world)) return [];
    // A command that pretends to have done the impossible is caught at that: no-success-against-obstacles.
    const last = history.at(-1);
    if (last?.kind === 'command' && last.mustFail.length > 0) return [];
    const sentences: string[] = [];
    for (const unit in seen.units) {
      const stack = stackOf(unit);
      if (stack === null || seen.units[unit]?.activeState !== 'active') continue;
      for (const [service, believed] of Object.entries(world.stacks[stack]?.containers ?? {})) {
        const state = seen.containers[`${stack}/${service}`]?.state ?? 'absent';
        if (believed.state === 'running' && state !== 'running') {
          sentences.push(`${unit} is active, but container ${stack}/${service} is ${state}`);
        }
      }
    }
    return sentences;
  },
  example: {
    after: [
      { operation: 'stop-container', args: { stack: 'web', service: 'app' } },
      { operation: 'rebuild', args: {} },
    ],
    lie: seen => withContainer(seen, 'web/app', { state: 'exited' }),
  },
} satisfies Invariant;
