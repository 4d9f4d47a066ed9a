import { unitOf } from '../../models/machine/search-path.ts';
import { withUnit } from '../altered.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise:
    'An update that claims success has restarted the unit of each stack whose containers have another image now.',
  from: 'S13; plan, success criterion 5; facts.md F110',
  sweeping: true,
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last?.role !== 'update' || last.before.setup.traits.ownUnits) return [];
    return Object.keys(last.after.stacks)
      .filter(stack => {
        const unit = seen.units[unitOf(stack)];
        return unit?.activeState === 'active' && !unit.restarted && hasOtherImages(stack, seen, last.seenBefore);
      })
      .map(stack => `${last.step.operation} gave ${stack} another image, and did not restart ${unitOf(stack)}`);
  },
  example: {
    after: [
      { operation: 'publish-image', args: { version: 'v2' } },
      { operation: 'auto-update', args: {} },
    ],
    lie: (seen, world) =>
      Object.keys(world.stacks).reduce((now, stack) => withUnit(now, unitOf(stack), { restarted: false }), seen),
  },
} satisfies Invariant;

type Seen = Parameters<Invariant['broken']>[0];

/** Whether a container of a stack runs another image than before the step. */
const hasOtherImages = (stack: string, now: Seen, before: Seen): boolean =>
  Object.entries(now.containers).some(([name, { state, image }]) => {
    const old = before.containers[name];
    return name.startsWith(`${stack}/`) && state === 'running' && old?.state === 'running' && old.image !== image;
  });
