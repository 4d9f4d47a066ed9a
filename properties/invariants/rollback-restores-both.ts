import { unitOf } from '../../models/machine/search-path.ts';
import { sameName } from '../../models/observation.ts';
import { withContainer } from '../altered.ts';
import { asBelieved, lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: "A rollback that claims success brings back the earlier generation's units and its containers, both.",
  from: 'S12; plan, W3.9; facts.md F39; defects.md D29, D40',
  about: 'step',
  broken(seen, world, history) {
    const last = lastSuccess(history);
    if (last?.role !== 'rollback' || asBelieved(seen, world)) return [];
    return Object.entries(world.stacks).flatMap(([stack, believed]) => {
      const unit = seen.units[unitOf(stack)];
      const other =
        unit?.revision === believed.loaded.revision ? [] : [`${unitOf(stack)} is not that of the earlier generation`];
      const containers = Object.entries(believed.containers).flatMap(([service, container]) => {
        const is = seen.containers[`${stack}/${service}`];
        const same = is !== undefined && sameName(is, container) && is.greeting === container.greeting;
        return same ? [] : [`container ${stack}/${service} is not that of the earlier generation`];
      });
      return [...other, ...containers];
    });
  },
  example: {
    after: [
      { operation: 'change-image-tag', args: { stack: 'web', service: 'app', tag: 'v2' } },
      { operation: 'rollback', args: {} },
    ],
    lie: seen => withContainer(seen, 'web/app', { tag: 'v2', image: 'v2' }),
  },
} satisfies Invariant;
