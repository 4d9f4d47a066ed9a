import { isKnown } from './machine/builds.ts';
import { withFields } from './machine/container-fields.ts';
import type { StackDeclaration } from './machine/declaration.ts';
import { containerKey, unitOf } from './machine/search-path.ts';
import {
  type ContainerSeen,
  notLingering,
  type Observation,
  type OnDisk,
  sameContainer,
  sameList,
  sameOnDisk,
  type UnitSeen,
  type Vague,
} from './observation.ts';
import { networksOf, volumesOf } from './transitions/resources.ts';
import type { ContainerWorld, StackWorld, World } from './world.ts';

/** What a machine that does not lie shows in this world. It leaves out the volatile fields: they are never compared. */
export function expectedObservation(world: World): Observation {
  if (drawn?.world !== world) drawn = { world, seen: draw(world) };
  return drawn.seen;
}

/** Made once for each world, since every invariant asks for it. A world never changes, so it stays right. */
let drawn: { readonly world: World; readonly seen: Observation } | undefined;

/**
 * Whether a look shows just what is expected, decided from the parts of the world without building the whole expected
 * observation; this is enough for most looks. False where the parts do not decide it.
 */
export function shows(world: World, seen: Observation): boolean {
  if (answered?.world !== world || answered.seen !== seen) {
    answered = { world, seen, isShown: isShownBy(world, seen) };
  }
  return answered.isShown;
}

let answered: { readonly world: World; readonly seen: Observation; readonly isShown: boolean } | undefined;

function isShownBy(world: World, seen: Observation): boolean {
  const { stacks, strangers, manager, strayTimers } = world;
  if (world.uncertain !== null || seen.manager !== manager || seen.leftovers.length > 0) return false;
  if (volumesLeft(world).length > 0) return false;
  if (seen.generation.home !== world.installed.revision) return false;
  if (seen.generation.profile !== (world.generations[world.pointer]?.revision ?? null)) return false;
  if (strayTimers !== seen.strayTimers && strayTimers.join() !== seen.strayTimers.join()) return false;
  let [unitCount, containerCount] = [0, 0];
  for (const name in stacks) {
    const stack = stacks[name] as StackWorld;
    if (stack.vague) return false;
    for (const path in stack.files) {
      const file = seen.files[path];
      if (file === undefined || !sameOnDisk(stack.files[path] as OnDisk, file)) return false;
    }
    if (manager === 'running' && isShown(stack)) {
      const unit = seen.units[unitOf(name)];
      if (unit === undefined || !isUnitOf(stack, unit)) return false;
      unitCount++;
    }
    for (const service in stack.containers) {
      const container = stack.containers[service] as ContainerWorld;
      if (container.state === 'unknown' || container.state === 'undecided') return false;
      const is = seen.containers[containerKey(name, service)];
      if (is === undefined || !sameContainer(container, is)) return false;
      containerCount++;
    }
  }
  for (const name in strangers) {
    const is = seen.containers[`-/${name}`];
    if (is === undefined || !sameContainer(strangers[name] as ContainerWorld, is)) return false;
    containerCount++;
  }
  for (const _ in seen.units) unitCount--;
  for (const _ in seen.containers) containerCount--;
  return unitCount === 0 && containerCount === 0 && areAllBelieved(stacks, seen.files);
}

/** Whether every observed path belongs to some stack. */
function areAllBelieved(stacks: World['stacks'], files: Observation['files']): boolean {
  for (const path in files) {
    let isBelieved = false;
    for (const name in stacks) {
      if ((stacks[name] as StackWorld).files[path] === undefined) continue;
      isBelieved = true;
      break;
    }
    if (!isBelieved) return false;
  }
  return true;
}

function draw(world: World): Observation {
  const units: Record<string, UnitSeen> = {};
  const files: Record<string, OnDisk> = {};
  const containers: Record<string, ContainerSeen> = {};
  for (const name in world.stacks) {
    const stack = world.stacks[name] as StackWorld;
    const unit = unitOf(name);
    for (const path in stack.files) files[path] = stack.files[path] as OnDisk;
    if (world.manager === 'running' && isShown(stack)) units[unit] = expectedUnit(stack);
    for (const service in stack.containers) {
      containers[containerKey(name, service)] = expectedContainer(stack.containers[service] as ContainerWorld);
    }
  }
  for (const name in world.strangers)
    containers[`-/${name}`] = expectedContainer(world.strangers[name] as ContainerWorld);
  const profile = world.generations[world.pointer]?.revision ?? null;
  const generation = { profile, home: world.installed.revision };
  const { manager, strayTimers } = world;
  const leftovers = volumesLeft(world);
  const volumes = Object.keys(world.volumes);
  const kept = volumes.length === 0 ? {} : { volumes: Object.fromEntries(volumes.map(name => [name, 1])) };
  const around = world.linger ? {} : { around: notLingering };
  return {
    manager,
    generation,
    units,
    files,
    containers,
    strayTimers,
    leftovers,
    ...kept,
    ...around,
    ...vagueIn(world),
  };
}

const none: readonly string[] = [];

/** Volumes that stacks have left behind which are gone: what is in them was declared to be kept. */
function volumesLeft({ volumes, stacks, revisions }: World): readonly string[] {
  const names = Object.keys(volumes);
  if (names.length === 0) return none;
  const used = Object.keys(stacks).flatMap(stack => everRevision(revisions, stack, volumesOf));
  return names.filter(name => !used.includes(name)).map(name => `volume ${name}`);
}

/** What each revision of a stack comes to. */
const everRevision = (
  revisions: World['revisions'],
  stack: string,
  of: (stack: string, declared: StackDeclaration) => readonly string[],
): readonly string[] => Object.values(revisions[stack] ?? {}).flatMap(declared => of(stack, declared));

/** A unit that has no file and does not run does not exist. */
const isShown = ({ loaded, active }: StackWorld): boolean => loaded.loadState !== 'not-found' || active !== 'inactive';

/** What the model cannot know; empty where everything is known. */
function vagueIn({ uncertain, stacks, manager, revisions }: World): { vague?: Vague } {
  const vague: string[] = [];
  const containers: string[] = [];
  const leftovers: string[] = [];
  let builds: Record<string, string> | undefined;
  for (const name in stacks) {
    const stack = stacks[name] as StackWorld;
    if (stack.vague) vague.push(name);
    // Compose keeps these when no container of the stack is left on the machine and the stack is still declared (facts.md F52,
    // F102).
    if (manager === 'down' || !isShown(stack)) {
      leftovers.push(`network ${name}_default`, `pod pod_${name}`);
      leftovers.push(...everRevision(revisions, name, networksOf).map(network => `network ${network}`));
      leftovers.push(...everRevision(revisions, name, volumesOf).map(volume => `volume ${volume}`));
    }
    for (const service in stack.containers) {
      const { state, image } = stack.containers[service] as ContainerWorld;
      if (state === 'unknown' || state === 'undecided') containers.push(`${name}/${service}`);
      if (!isKnown(image)) builds = { ...builds, [containerKey(name, service)]: image };
    }
  }
  const isVague = vague.length > 0 || containers.length > 0 || leftovers.length > 0;
  if (uncertain === null && builds === undefined && !isVague) return {};
  const everything = uncertain !== null;
  return { vague: { everything, stacks: vague, containers, leftovers, ...(builds && { builds }) } };
}

const subStates = { active: 'exited', inactive: 'dead', failed: 'failed' } as const;

/** Most of a world is the same as before the last step: what was made of those parts is kept. */
const units = new WeakMap<StackWorld, UnitSeen>();
const containers = new WeakMap<ContainerWorld, ContainerSeen>();

function expectedUnit(stack: StackWorld): UnitSeen {
  let drawn = units.get(stack);
  if (drawn === undefined) {
    drawn = drawUnit(stack);
    units.set(stack, drawn);
  }
  return drawn;
}

/** Whether a look at a unit shows what `drawUnit` draws, without drawing it. */
function isUnitOf({ loaded, active }: StackWorld, unit: UnitSeen): boolean {
  const { dropInPaths } = loaded;
  return (
    unit.loadState === loaded.loadState &&
    unit.fragmentPath === loaded.fragmentPath &&
    unit.activeState === active &&
    unit.subState === subStates[active] &&
    unit.revision === loaded.revision &&
    unit.marker === loaded.marker &&
    (unit.dropInPaths.length === 0 ? dropInPaths.length === 0 : sameList(unit.dropInPaths, dropInPaths))
  );
}

function drawUnit(stack: StackWorld): UnitSeen {
  const { loadState, fragmentPath, dropInPaths, revision, marker } = stack.loaded;
  return {
    loadState,
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
    starts: null,
    text: 1,
  };
}

function expectedContainer(container: ContainerWorld): ContainerSeen {
  let drawn = containers.get(container);
  if (drawn === undefined) {
    drawn = withFields({ state: container.state, health: '', instance: 1, restarted: false, variables: 1 }, container);
    containers.set(container, drawn);
  }
  return drawn;
}
