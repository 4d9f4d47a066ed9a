import { unasked, withAround } from '../around.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'No process outlives the command or the unit that started it, but for those of the containers.',
  from: 'S04, S10; plan, W1; facts.md F123',
  sweeping: true,
  broken(seen, _world, history) {
    const last = unasked(history);
    if (last === undefined || !last.claim.ok || seen.around === undefined) return [];
    const before = last.seenBefore.around?.processes ?? [];
    return [...new Set(seen.around.processes)]
      .filter(process => !before.includes(process))
      .map(process => `${last.step.operation} is over, and a process runs on: ${process}`);
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withAround(seen, { processes: ['sleep in web-stack.service'] }),
  },
} satisfies Invariant;
