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

/** The part of the picture that one stack makes; most steps leave most stacks alone. */
const parts = new WeakMap<StackWorld, Part>();

interface Part {
  readonly unit: UnitSeen;
  readonly containers: Readonly<Record<string, ContainerSeen>>;
}

function draw(world: World): Observation {
  const units: Record<string, UnitSeen> = {};
  const files: Record<string, OnDisk> = {};
  const containers: Record<string, ContainerSeen> = {};
  for (const name in world.stacks) {
    const stack = world.stacks[name] as StackWorld;
    const part = partOf(name, stack);
    for (const path in stack.files) files[path] = stack.files[path] as OnDisk;
    if (world.manager === 'running') units[unitOf(name)] = part.unit;
    for (const container in part.containers) containers[container] = part.containers[container] as ContainerSeen;
  }
  const profile = world.generations[world.pointer]?.revision ?? null;
  const generation = { profile, home: world.installed.revision };
  return { manager: world.manager, generation, units, files, containers, strayTimers: [] };
}

function partOf(name: string, stack: StackWorld): Part {
  let part = parts.get(stack);
  if (part === undefined) {
    const containers: Record<string, ContainerSeen> = {};
    for (const service in stack.containers) {
      containers[`${name}/${service}`] = containerPicture(name, stack.containers[service] as ContainerWorld);
    }
    part = { unit: unitPicture(stack), containers };
    parts.set(stack, part);
  }
  return part;
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
