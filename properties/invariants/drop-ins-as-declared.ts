import { expectedObservation } from '../../models/expected-observation.ts';
import { withFile } from '../altered.ts';
import { asBelieved, differencesIn, failedLast } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

const isDropIn = (path: string) => /\.d\/[^/]+\.conf$/.test(path);

export default {
  promise: 'A unit is extended by the drop-ins that its owner declares, and by no other.',
  from: 'S07; plan, W2 (DropInPaths); facts.md F6, F30; defects.md D31',
  broken(seen, world, history) {
    if (failedLast(history) || asBelieved(seen, world)) return [];
    const believed = expectedObservation(world).units;
    const onDisk = differencesIn(seen, world).files.filter(({ path }) => isDropIn(path));
    const loaded = Object.keys(seen.units).flatMap(unit =>
      (seen.units[unit]?.dropInPaths ?? [])
        .filter(path => !believed[unit]?.dropInPaths.includes(path))
        .map(path => `${unit} is extended by ${path}`),
    );
    return [...onDisk.map(({ says }) => says), ...loaded];
  },
  example: {
    after: [
      { operation: 'add-drop-in', args: { stack: 'web', directory: '~/.config/systemd/user' } },
      { operation: 'rebuild', args: {} },
    ],
    lie: seen =>
      withFile(seen, '~/.config/systemd/user/web-stack.service.d/50-drift.conf', {
        kind: 'file',
        definition: { revision: null, marker: 'drop-in' },
      }),
  },
} satisfies Invariant;
