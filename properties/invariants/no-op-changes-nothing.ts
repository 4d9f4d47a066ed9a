import { unitOf } from '../../models/machine/search-path.ts';
import type { Observation } from '../../models/observation.ts';
import { isRebuild } from '../../models/role.ts';
import type { StackWorld } from '../../models/world.ts';
import { withUnit } from '../altered.ts';
import { lastSuccess, startedAnew } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A rebuild leaves alone what it does not change: same start times, same containers.',
  from: 'S10; facts.md F36; plan, W3.7',
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || !isRebuild(last.role) || last.before.uncertain !== null) return [];
    const [were, are] = [last.before.installed.stacks, last.after.installed.stacks];
    const sentences: string[] = [];
    for (const stack in last.after.stacks) {
      // Another definition of it is something that changes, also where the manager had loaded that one before by itself.
      if (were[stack]?.revision !== are[stack]?.revision) continue;
      const anew = startedAnewIn(stack, seen, last.seenBefore);
      if (anew.length === 0 || !sameStack(last.before.stacks[stack], last.after.stacks[stack])) continue;
      sentences.push(...anew);
    }
    return sentences;
  },
  example: {
    after: [{ operation: 'rebuild', args: {} }],
    lie: seen => withUnit(seen, 'web-stack.service', { restarted: true }),
  },
} satisfies Invariant;

/** What of a stack was started anew, one sentence each. */
function startedAnewIn(stack: string, seen: Observation, before: Observation): readonly string[] {
  const is = seen.units[unitOf(stack)];
  const unit = is?.restarted || (is?.starts ?? 0) > 0 ? [`${unitOf(stack)} was restarted for nothing`] : [];
  const containers = startedAnew(seen, before).filter(name => name.startsWith(`${stack}/`));
  return [...unit, ...containers.map(name => `container ${name} was started anew for nothing`)];
}

/** Whether a stack runs in the same way before and after: the files may have moved on to the next generation. */
function sameStack(before: StackWorld | undefined, after: StackWorld | undefined): boolean {
  if (before === after) return true;
  if (before?.active !== after?.active || before?.loaded.revision !== after?.loaded.revision) return false;
  const isSame = before?.loaded === after?.loaded && before?.containers === after?.containers;
  return isSame || running(before) === running(after);
}

const running = (stack: StackWorld | undefined): string =>
  JSON.stringify([stack?.active, stack?.loaded, Object.entries(stack?.containers ?? {}).sort()]);
