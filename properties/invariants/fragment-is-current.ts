import { expectedObservation } from '../../models/expected-observation.ts';
import { unitPath } from '../../models/machine/search-path.ts';
import { withFile } from '../altered.ts';
import { asBelieved, failedLast, inWords, isOfTheActivated, sameFile } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: "The definition that a unit runs by is its owner's, from the current generation.",
  from: 'S01, S02, S07; plan, W2 (FragmentPath); facts.md F3, F12; defects.md D01, D09',
  broken(seen, world, history) {
    if (failedLast(history) || asBelieved(seen, world)) return [];
    const believed = expectedObservation(world);
    const fragments = Object.keys(seen.units).flatMap(unit => {
      const [is, should] = [seen.units[unit]?.fragmentPath, believed.units[unit]?.fragmentPath];
      return is === should ? [] : [`${unit} is loaded from ${from(is)}, not from ${from(should)}`];
    });
    const files = Object.keys(world.stacks).flatMap(stack => {
      const path = unitPath(world.setup.owner, stack);
      const [is, should] = [seen.files[path], believed.files[path]];
      return sameFile(is, should) || isOfTheActivated(is, seen, world)
        ? []
        : [`${path} is ${inWords(is)}, not ${inWords(should)}`];
    });
    return [...fragments, ...files];
  },
  example: {
    after: [
      { operation: 'edit-unit', args: { stack: 'web', directory: '~/.config/systemd/user' } },
      { operation: 'rebuild', args: {} },
    ],
    lie: (seen, world) =>
      withFile(seen, unitPath(world.setup.owner, 'web'), {
        kind: 'file',
        definition: { revision: 1, marker: 'edited' },
      }),
  },
} satisfies Invariant;

/** Where a definition comes from, in words. */
const from = (path: string | undefined): string => (path === undefined ? 'nothing at all' : path || 'no file');
