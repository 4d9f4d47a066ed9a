import { expectedObservation } from '../../models/expected-observation.ts';
import { containerUnitOf } from '../../models/machine/search-path.ts';
import type { World } from '../../models/world.ts';
import { withContainer } from '../altered.ts';
import { asBelieved } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'Every container names, in its label PODMAN_SYSTEMD_UNIT, the unit that runs its stack.',
  from: 'S08, S13; plan, W1 (label mismatches); facts.md F41, F50; defects.md D02, D15',
  broken(seen, world) {
    if (asBelieved(seen, world)) return [];
    const believed = expectedObservation(world).containers;
    return Object.entries(seen.containers)
      .filter(([name, { unit }]) => unit !== believed[name]?.unit && unit !== unitFor(world.setup.traits, name))
      .map(([name, { unit }]) => `container ${name} names the unit ${unit === '' ? '(none)' : unit}`);
  },
  example: {
    after: [],
    lie: seen => withContainer(seen, 'web/app', { unit: 'podman-compose@web.service' }),
  },
} satisfies Invariant;

/** The unit that runs the container of this name, or would. */
function unitFor(traits: World['setup']['traits'], name: string): string {
  const [stack = '', service = ''] = name.split('/');
  return containerUnitOf(traits, stack, service);
}
