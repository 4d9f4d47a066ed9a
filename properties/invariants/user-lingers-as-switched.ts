import { withAround } from '../around.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'Linger is on or off as somebody switched it last.',
  from: 'S09, S11; facts.md F22',
  sweeping: true,
  broken(seen, world, history) {
    const last = history.at(-1);
    const isOn = seen.around?.linger ?? true;
    if (last === undefined || isOn === world.linger) return [];
    return [`${last.step.operation} was done, and linger is ${isOn ? 'on' : 'off'}, which nobody asked for`];
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withAround(seen, { linger: false }),
  },
} satisfies Invariant;
