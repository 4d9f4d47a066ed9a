import type { ContainerSeen, Observation, OnDisk, UnitSeen } from './observation.ts';
import { unitOf } from './search-path.ts';
import type { ContainerWorld, StackWorld, World } from './world.ts';

/**
 * What a machine that does not lie shows, were it as the world says. On the volatile fields it is silent: what stands
 * there is never compared.
 */
export function picture(world: World): Observation {
  let drawn = drawings.get(world);
  if (drawn === undefined) {
    drawn = draw(world);
    drawings.set(world, drawn);
  }
  return drawn;
}

/** Every invariant asks for the picture of the same world: it is drawn once. Worlds never change, so it stays true. */
const drawings = new WeakMap<World, Observation>();

function draw(world: World): Observation {
  const units: Record<string, UnitSeen> = {};
  const files: Record<string, OnDisk> = {};
  const containers: Record<string, ContainerSeen> = {};
  for (const name in world.stacks) {
    const stack = world.stacks[name] as StackWorld;
    Object.assign(files, stack.files);
    if (world.manager === 'running') units[unitOf(name)] = unitPicture(stack);
    for (const service in stack.containers) {
      containers[`${name}/${service}`] = containerPicture(name, stack.containers[service] as ContainerWorld);
    }
  }
  const profile = world.generations[world.pointer]?.revision ?? null;
  const generation = { profile, home: world.installed.revision };
  return { manager: world.manager, generation, units, files, containers, strayTimers: [] };
}

const subStates = { active: 'exited', inactive: 'dead', failed: 'failed' } as const;

function unitPicture(stack: StackWorld): UnitSeen {
  const { fragmentPath, dropInPaths, revision, marker } = stack.loaded;
  return {
    loadState: 'loaded',
    fragmentPath,
    dropInPaths,
    unitFileState: 'enabled',
    needDaemonReload: false,
    activeState: stack.active,
    subState: subStates[stack.active],
    result: stack.active === 'failed' ? 'exit-code' : 'success',
    revision,
    marker,
    restarted: false,
  };
}

function containerPicture(stack: string, container: ContainerWorld): ContainerSeen {
  return { ...container, unit: unitOf(stack), health: '', instance: 1, restarted: false };
}
