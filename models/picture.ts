import type { ContainerSeen, Observation, OnDisk, UnitSeen } from './observation.ts';
import { unitOf } from './search-path.ts';
import type { ContainerWorld, StackWorld, World } from './world.ts';

/**
 * What a machine that does not lie shows, were it as the world says. On the volatile fields it is silent: what stands
 * there is never compared.
 */
export function picture(world: World): Observation {
  if (drawn?.world !== world) drawn = { world, seen: draw(world) };
  return drawn.seen;
}

/** Every invariant asks for the picture of the same world: it is drawn once. Worlds never change, so it stays true. */
let drawn: { readonly world: World; readonly seen: Observation } | undefined;

function draw(world: World): Observation {
  const units: Record<string, UnitSeen> = {};
  const files: Record<string, OnDisk> = {};
  const containers: Record<string, ContainerSeen> = {};
  for (const name in world.stacks) {
    const stack = world.stacks[name] as StackWorld;
    const unit = unitOf(name);
    for (const path in stack.files) files[path] = stack.files[path] as OnDisk;
    if (world.manager === 'running') units[unit] = unitPicture(stack);
    for (const service in stack.containers) {
      containers[`${name}/${service}`] = containerPicture(unit, stack.containers[service] as ContainerWorld);
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

function containerPicture(unit: string, container: ContainerWorld): ContainerSeen {
  const { state, image, tag, greeting, marker, autoUpdate } = container;
  return { state, health: '', image, tag, greeting, marker, unit, autoUpdate, instance: 1, restarted: false };
}
