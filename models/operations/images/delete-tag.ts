import { operation } from '../../operation.ts';
import type { World } from '../../world.ts';

/** Somebody deletes the tag `stable` from the registry; the builds stay (scenario S13b). */
export default operation({
  kind: 'drift',
  formerly: ['take-out-tag'],
  needs: ['publish nothing'],
  describe: () => 'delete the tag stable from the registry',
  choices: world => (isThere(world) ? [{}] : []),
  allowed: isThere,
  apply: host => host.publish('stable', null),
  expected: world => {
    const { stable: _, ...registry } = world.registry;
    return { ...world, registry };
  },
});

function isThere({ registry, registryUp }: World): boolean {
  return registryUp && registry.stable !== undefined;
}
