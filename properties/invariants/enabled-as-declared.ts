import { alsoWantsPath, isFirstTarget, verbDirectories, wantsPath } from '../../models/machine/search-path.ts';
import { withFile } from '../altered.ts';
import { asBelieved, differencesIn, failedLast, inWords, isOfTheActivated } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A stack is wanted by default.target as its owner declares it: it starts with the machine.',
  from: 'S07, S11; plan, W2 (UnitFileState); facts.md F7, F16, F31; defects.md D30, D32, D47',
  broken(seen, world, history) {
    if (failedLast(history) || asBelieved(seen, world)) return [];
    const { owner } = world.setup;
    const also = verbDirectories(owner).config;
    const paths = Object.keys(world.stacks).flatMap(stack => [wantsPath(owner, stack), alsoWantsPath(also, stack)]);
    return differencesIn(seen, world).files.flatMap(({ path }) => {
      const is = inWords(seen.files[path]);
      if (isFirstTarget(path)) return [`${path} is ${is}: with the next manager no stack starts`];
      if (!paths.includes(path) || isOfTheActivated(seen.files[path], seen, world)) return [];
      return [`${path} is ${is}, and not what its owner installed`];
    });
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
