import { outdated } from '../families/update.ts';
import { containerUnitOf } from '../machine/search-path.ts';
import { driftedOf } from '../transitions/generations.ts';
import { isLost } from '../transitions/lifecycle.ts';
import { staleIn } from '../transitions/systemd.ts';
import type { ContainerWorld, StackWorld, World } from '../world.ts';

/** About one stack, where one is named; otherwise about any. */
const aStack =
  (is: (at: StackWorld, stack: string, world: World) => boolean) =>
  (world: World, only?: string): boolean => {
    for (const stack in world.stacks)
      if ((only === undefined || stack === only) && is(world.stacks[stack] as StackWorld, stack, world)) return true;
    return false;
  };
const aContainer = (is: (container: ContainerWorld, service: string, stack: string, world: World) => boolean) =>
  aStack(({ containers }, stack, world) =>
    Object.entries(containers).some(([service, container]) => is(container, service, stack, world)),
  );

/** Whether a service of the definition that its containers were made of has none, though the unit is active. */
function isWithoutAContainer({ active, vague, made, containers }: StackWorld, stack: string, world: World): boolean {
  if (active !== 'active' || vague || made === null) return false;
  for (const service in world.revisions[stack]?.[made]?.services) if (containers[service] === undefined) return true;
  return false;
}

/**
 * States of a machine that an exploration should reach, because a pass without them says little: by their names in reports.
 * Where a stack is named, what is about stacks is asked only about that one.
 */
export const interesting: ReadonlyMap<string, (world: World, stack?: string) => boolean> = new Map(
  Object.entries({
    'the user manager is down': world => world.manager === 'down',
    'the operator does not linger': world => !world.linger,
    'the Nix store is full': world => world.store === 'full',
    '/etc is read-only': world => world.etc === 'read-only',
    'the registry is down': world => !world.registryUp,
    'the registry has no stable': world => world.registry.stable === undefined,
    'a newer image is published': world => outdated(world).length > 0,
    'an env file that is needed is missing': (world, only) =>
      Object.entries(world.declared.stacks).some(
        ([stack, { secrets }]) =>
          (only === undefined || stack === only) && secrets.some(secret => world.missingSecrets.includes(secret)),
      ),
    'an env file is malformed': world => world.malformedSecrets.length > 0,
    'something has drifted': aStack((_, stack, world) => driftedOf(world, stack).length > 0),
    'the manager holds another definition than the disk': aStack((_, stack, world) => staleIn(world, stack).length > 0),
    'a unit is masked': aStack(({ loaded }) => loaded.loadState === 'masked'),
    'a unit is not found': aStack(({ loaded }) => loaded.loadState === 'not-found'),
    'a unit is wanted no more': aStack(({ wanted }) => !wanted),
    'a unit is inactive': aStack(({ active }) => active === 'inactive'),
    'a unit has failed': aStack(({ active }) => active === 'failed'),
    'a unit was started as often as its manager allows': aStack(
      ({ begun }, _stack, { setup }) => begun > 0 && begun === setup.traits.startLimit,
    ),
    'a container is gone from a stack that runs': aStack(isWithoutAContainer),
    'a container has stopped': aContainer(({ state }) => state === 'exited'),
    'podman has lost hold of a container': aContainer(isLost),
    'a container is unhealthy': aContainer(({ health }) => health === 'unhealthy'),
    'a container was renamed': aContainer(({ name }, service, stack) => name !== `${stack}/${service}`),
    'a container names another unit': aContainer(
      ({ unit }, service, stack, { setup }) => unit !== '' && unit !== containerUnitOf(setup.traits, stack, service),
    ),
    'a container claims to be of a stack': aContainer(({ unit }) => unit === ''),
    "a container of the operator's own hangs on a network": world => Object.keys(world.strangers).length > 0,
    'a health timer is left behind': world => world.strayTimers.length > 0,
    'a generation can be rolled back to': world => world.pointer > 0,
    'a generation was rolled back from': world => world.pointer < world.generations.length - 1,
    'what was asked for is not activated': world =>
      world.generations[world.pointer]?.revision !== world.installed.revision,
    'a stack was added': world =>
      Object.keys(world.declared.stacks).some(stack => !(stack in world.setup.declaration.stacks)),
    'a stack was taken out': world =>
      Object.keys(world.setup.declaration.stacks).some(stack => !(stack in world.declared.stacks)),
  } satisfies Record<string, (world: World, stack?: string) => boolean>),
);
