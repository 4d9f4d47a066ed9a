import { stackPaths } from '../../models/transitions/systemd.ts';
import { withFile } from '../altered.ts';
import { asBelieved, failedLast } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'Every stack unit is defined in one place: by its owner.',
  from: 'S01, S02; plan, success criteria 1 and 2; facts.md F1, F2; defects.md D01, D15',
  broken(seen, world, history) {
    if (failedLast(history) || asBelieved(seen, world)) return [];
    return Object.keys(world.stacks).flatMap(stack => {
      const believed = world.stacks[stack]?.files ?? {};
      return stackPaths(stack)
        .units.filter(path => Object.hasOwn(seen.files, path) && !Object.hasOwn(believed, path))
        .map(path => `${path} defines the unit beside its owner`);
    });
  },
  example: {
    after: [
      { operation: 'shadow-unit', args: { stack: 'web', directory: '~/.local/share/systemd/user' } },
      { operation: 'rebuild', args: {} },
    ],
    lie: seen =>
      withFile(seen, '~/.local/share/systemd/user/web-stack.service', {
        kind: 'file',
        definition: { revision: 1, marker: 'shadow' },
      }),
  },
} satisfies Invariant;
