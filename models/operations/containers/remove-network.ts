import { requiredBy } from '../../families/containers.ts';
import { linesOfKind } from '../../families/podman-by-hand.ts';
import { containerUnitOf } from '../../machine/search-path.ts';
import { operation } from '../../operation.ts';
import { stackIn, withStack } from '../../transitions/systemd.ts';
import type { ContainerWorld, World } from '../../world.ts';

interface NetworkArgs extends Readonly<Record<string, string>> {
  readonly stack: string;
  readonly network: string;
}

/**
 * An operator removes a network of a stack that does not run: `podman network rm -f`, without which podman refuses. The containers
 * on it go too, and the next start makes all of them again.
 */
export default operation<NetworkArgs>({
  kind: 'drift',
  needs: ['podman remove-network'],
  describe: ({ stack, network }) => `remove the network ${network} of ${stack} by hand, with the containers on it`,
  choices: world =>
    Object.keys(world.stacks).flatMap(stack => networksAtRest(world, stack).map(network => ({ stack, network }))),
  allowed: (world, { stack, network }) =>
    Object.hasOwn(world.stacks, stack) && networksAtRest(world, stack).includes(network),
  apply: (host, { network }) => host.podman({ deed: 'remove-network', network }),
  mayFail: (world, { stack }) =>
    Object.keys(stackIn(world, stack).containers).flatMap(service => requiredBy(world, { stack, service })),
  expected: (world, { stack, network }, claim) => {
    if (!claim.ok) return withStack(world, stack, { vague: true });
    const left = Object.entries(stackIn(world, stack).containers).filter(
      ([, container]) => !networksOf(stack, container).includes(network),
    );
    return withStack(world, stack, { containers: Object.fromEntries(left) });
  },
});

/** The networks of the containers of a stack, where all of them are its own, and none runs. */
function networksAtRest(world: World, stack: string): readonly string[] {
  const { active, vague, containers } = stackIn(world, stack);
  if (world.manager === 'down' || world.uncertain !== null || active === 'active' || vague) return [];
  if (world.strangers[`${stack}-holder`] !== undefined) return [];
  const all = Object.entries(containers);
  const isOwn = ([service, { unit, state }]: (typeof all)[number]): boolean =>
    state === 'exited' && unit === containerUnitOf(world.setup.traits, stack, service);
  return all.every(isOwn) ? [...new Set(all.flatMap(([, one]) => networksOf(stack, one)))] : [];
}

/** By podman's names for them; a probe is on the network that its provider makes for the stack. */
const networksOf = (stack: string, { settings }: ContainerWorld): readonly string[] =>
  settings === '' ? [`${stack}_default`] : linesOfKind(settings, 'network').map(line => line.split(' ')[1] ?? '');
