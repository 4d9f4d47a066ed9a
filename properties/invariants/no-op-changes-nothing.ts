import { unitOf } from '../../models/machine/search-path.ts';
import { isRebuild } from '../../models/role.ts';
import type { StackWorld } from '../../models/world.ts';
import { withUnit } from '../altered.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A rebuild leaves alone what it does not change: same start times, same containers.',
  from: 'S10; facts.md F36; plan, W3.7',
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || !isRebuild(last.role) || last.before.uncertain !== null) return [];
    const [were, are] = [last.before.installed.stacks, last.after.installed.stacks];
    return Object.keys(last.after.stacks).flatMap(stack => {
      // Another definition of it is something that changes, also where the manager had loaded that one before by itself.
      if (were[stack]?.revision !== are[stack]?.revision) return [];
      if (!sameStack(last.before.stacks[stack], last.after.stacks[stack])) return [];
      const is = seen.units[unitOf(stack)];
      const unit = is?.restarted || (is?.starts ?? 0) > 0 ? [`${unitOf(stack)} was restarted for nothing`] : [];
      const containers = Object.keys(seen.containers)
        .filter(name => name.startsWith(`${stack}/`))
        .filter(name => {
          const [is, was] = [seen.containers[name], last.seenBefore.containers[name]];
          return is?.restarted || (was !== undefined && is?.instance !== was.instance);
        });
      return [...unit, ...containers.map(name => `container ${name} was started anew for nothing`)];
    });
  },
  example: {
    after: [{ operation: 'rebuild', args: {} }],
    lie: seen => withUnit(seen, 'web-stack.service', { restarted: true }),
  },
} satisfies Invariant;

/** Whether a stack runs in the same way before and after: the files may have moved on to the next generation. */
function sameStack(before: StackWorld | undefined, after: StackWorld | undefined): boolean {
  if (before === after) return true;
  if (before?.active !== after?.active || before?.loaded.revision !== after?.loaded.revision) return false;
  const isSame = before?.loaded === after?.loaded && before?.containers === after?.containers;
  return isSame || running(before) === running(after);
}

const running = (stack: StackWorld | undefined): string =>
  JSON.stringify([stack?.active, stack?.loaded, Object.entries(stack?.containers ?? {}).sort()]);
