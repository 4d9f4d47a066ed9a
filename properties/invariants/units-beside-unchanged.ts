import { newIn, unasked, withAround } from '../around.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'Beside the stacks no unit, timer or unit file appears, ends or fails that nobody asked for.',
  from: 'S10, S11; plan, W1; facts.md F120, F121',
  sweeping: true,
  broken(seen, _world, history) {
    const last = unasked(history);
    if (last === undefined || seen.around === undefined) return [];
    const before = last.seenBefore.around;
    // What somebody has placed there starts later by itself.
    const placed = Object.keys(before?.unitFiles ?? {}).map(path => path.slice(path.lastIndexOf('/') + 1));
    const { operation } = last.step;
    return [
      ...newIn(seen.around.units, before?.units)
        .filter(([name, what]) => !placed.includes(name) && (what !== 'failed' || last.claim.ok))
        .map(
          ([name, what]) =>
            `${operation} was done, and ${name} ${what === 'failed' ? 'has failed' : `was ${what}`}, which nothing asked for`,
        ),
      ...newIn(seen.around.unitFiles, before?.unitFiles).map(
        ([path, what]) => `${operation} was done, and ${path} is ${what}, which nothing declares`,
      ),
    ];
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withAround(seen, { units: { 'noise.timer': 'started' } }),
  },
} satisfies Invariant;
