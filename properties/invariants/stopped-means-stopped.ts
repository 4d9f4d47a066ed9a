import { unitOf } from '../../models/machine/search-path.ts';
import { withContainer } from '../altered.ts';
import { asBelieved } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A stack whose unit is not active has no container running.',
  from: 'S05, S06, S11; facts.md F14, F21; facts-debian13 F77, F78; defects.md D06, D32',
  broken(seen, world, history) {
    const last = history.at(-1);
    if (last === undefined || asBelieved(seen, world) || world.uncertain !== null) return [];
    return Object.entries(world.stacks).flatMap(([stack, { containers }]) => {
      const state = seen.units[unitOf(stack)]?.activeState ?? 'inactive';
      if (state === 'active' || seen.manager === 'down') return [];
      return Object.keys(seen.containers)
        .filter(name => name.startsWith(`${stack}/`) && seen.containers[name]?.state === 'running')
        .filter(name => !mayRun.includes(containers[name.slice(stack.length + 1)]?.state))
        .map(name => `${unitOf(stack)} is ${state}, but container ${name} is running`);
    });
  },
  example: {
    after: [{ operation: 'stop', args: { stack: 'web' } }],
    lie: seen => withContainer(seen, 'web/app', { state: 'running' }),
  },
} satisfies Invariant;

/** What is believed of a container that may well be seen running. */
const mayRun: readonly (string | undefined)[] = ['running', 'unknown'];
