import { wantsPath } from '../../models/machine/search-path.ts';
import { withFile } from '../altered.ts';
import { asBelieved, differencesIn, failedLast, inWords, isOfTheActivated } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A stack is wanted by default.target as its owner declares it: it starts with the machine.',
  from: 'S07, S11; plan, W2 (UnitFileState); facts.md F7, F16, F31; defects.md D30, D32, D47',
  broken(seen, world, history) {
    if (failedLast(history) || asBelieved(seen, world)) return [];
    const paths = Object.keys(world.stacks).map(stack => wantsPath(world.setup.owner, stack));
    return differencesIn(seen, world)
      .files.filter(({ path }) => paths.includes(path) && !isOfTheActivated(seen.files[path], seen, world))
      .map(({ path }) => `${path} is ${inWords(seen.files[path])}, and not what its owner installed`);
  },
  example: {
    after: [
      { operation: 'replace-wants-link', args: { stack: 'web', by: 'mask' } },
      { operation: 'rebuild', args: {} },
    ],
    lie: (seen, world) =>
      withFile(seen, wantsPath(world.setup.owner, 'web'), { kind: 'link', target: '/dev/null', definition: null }),
  },
} satisfies Invariant;
