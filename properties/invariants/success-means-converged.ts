import { withContainer } from '../altered.ts';
import { everyDifferenceIn, lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A command that claims success leaves units, containers and generation as it was asked to.',
  from: 'S03, S04, S08, S12; plan, success criterion 3; defects.md D06, D16, D40, D42',
  broken(seen, world, history) {
    const last = lastSuccess(history);
    if (last === undefined || last.kind === 'drift') return [];
    return everyDifferenceIn(seen, world).map(says => `${last.step.operation} claims success, but ${says}`);
  },
  example: {
    after: [{ operation: 'change-image-tag', args: { stack: 'web', service: 'app', tag: 'v2' } }],
    lie: seen => withContainer(seen, 'web/app', { image: 'v1' }),
  },
} satisfies Invariant;
