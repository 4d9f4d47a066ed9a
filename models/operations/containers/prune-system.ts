import { requiredBy } from '../../families/containers.ts';
import { operation } from '../../operation.ts';
import { stackIn, unknownIn, withStack } from '../../transitions/systemd.ts';
import { laidOut, type StackWorld, type World } from '../../world.ts';

/**
 * An operator removes everything that is not used: `podman system prune`. It removes containers that do not run and networks
 * without containers, and no volumes. Only where stacks come from compose files of their own.
 */
export default operation<Record<never, never>>({
  kind: 'drift',
  needs: ['podman prune'],
  describe: () => 'remove by hand all containers and networks that are not used',
  choices: world => (isPossible(world) ? [{}] : []),
  allowed: world => isPossible(world),
  apply: host => host.podman({ deed: 'prune' }),
  mayFail: world => [...unknownIn(world), ...Object.keys(world.stacks).flatMap(stack => held(world, stack))],
  expected: (before, _args, claim) => {
    const strangers = Object.fromEntries(
      Object.entries(before.strangers).filter(([, { state }]) => state !== 'exited'),
    );
    return Object.keys(before.stacks).reduce(
      (world, stack) => withStack(world, stack, pruned(world, stack, claim.ok)),
      laidOut(before, { strangers }),
    );
  },
});

const isPossible = ({ manager, declared }: World): boolean =>
  manager === 'running' && Object.values(declared.stacks).some(({ project }) => project !== undefined);

/** Podman does not remove a container that another one requires; and what a failed start left is not known. */
const held = (world: World, stack: string): readonly string[] => [
  ...(stackIn(world, stack).vague ? [`which containers are left of ${stack} is not known`] : []),
  ...Object.entries(stackIn(world, stack).containers)
    .filter(([, { state }]) => state === 'exited')
    .flatMap(([service]) => requiredBy(world, { stack, service })),
];

/** A stack after that. If podman could not remove some of them, it is not known which are left. */
const pruned = (world: World, stack: string, ok: boolean): Partial<StackWorld> => {
  const { containers } = stackIn(world, stack);
  const idle = Object.keys(containers).filter(service => containers[service]?.state === 'exited');
  // One of which it is not known whether it runs: nor is whether it is there.
  const isUnknown = Object.values(containers).some(({ state }) => state === 'unknown');
  if (isUnknown || (idle.length > 0 && !ok)) return { vague: true };
  return idle.length === 0
    ? {}
    : { containers: Object.fromEntries(Object.entries(containers).filter(([service]) => !idle.includes(service))) };
};
