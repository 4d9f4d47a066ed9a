import type { ContainerSeen, Observation, OnDisk, UnitSeen } from '../../../models/observation.ts';
import { unitOf } from '../../../models/search-path.ts';
import { type Disk, fileBehind, type Node, pathOf, type Role } from './disk.ts';
import type { Container, Machine, Manager, Unit } from './machine.ts';
import { forget, shown } from './systemd.ts';
import { definitionOf } from './texts.ts';
import { needsReload } from './unit-load.ts';

/** What an observer remembers from one look to the next; sections that did not change are the same objects again. */
export interface Observer {
  /** ActiveEnterTimestamp of each unit at the last look. */
  readonly activeSince: Map<string, number>;
  /** How many containers of each service were seen so far. */
  readonly instances: Map<string, number>;
  diskVersion: number;
  last: Observation | null;
}

export const newObserver = (): Observer => ({
  activeSince: new Map(),
  instances: new Map(),
  diskVersion: -1,
  last: null,
});

const noUnits: Observation['units'] = {};
const noTimers: readonly string[] = [];

/** One look at the machine. Asking for units loads some of them: an observer is not quite read-only (facts.md F8). */
export function look(machine: Machine, observer: Observer): Observation {
  const { last } = observer;
  const { manager, profile, home } = machine;
  const asked = profile.generations[profile.pointer]?.revision ?? null;
  const activated = home?.revision ?? null;
  const kept = last !== null && last.generation.profile === asked && last.generation.home === activated;
  const seen: Observation = {
    manager: manager === null ? 'down' : 'running',
    generation: kept ? last.generation : { profile: asked, home: activated },
    units: manager === null ? noUnits : unitsSeen(machine, manager, observer),
    files: last !== null && observer.diskVersion === machine.disk.version ? last.files : filesSeen(machine.disk),
    containers: containersSeen(machine, observer),
    // Stopping, removing and ending with the manager all take a container's timer away (facts-debian13 F87).
    strayTimers: noTimers,
  };
  observer.diskVersion = machine.disk.version;
  observer.last = seen;
  return seen;
}

function unitsSeen(machine: Machine, manager: Manager, observer: Observer): Observation['units'] {
  const before = observer.last?.units;
  const declared = machine.setup.declaration.stacks;
  const names = new Set(Object.keys(declared).map(unitOf));
  for (const [name, { unit, dropIn, wants }] of machine.disk.slots) {
    if ([unit, dropIn, wants].some(nodes => nodes.some(node => node !== null))) names.add(name);
  }
  for (const name of manager.units.keys()) names.add(name);
  const seen: Record<string, UnitSeen> = {};
  let same = before !== undefined;
  for (const name of [...names].sort()) {
    const unit = shown(machine, manager, name);
    const isNothing = unit.load === 'not-found' && unit.active === 'inactive';
    if (!isNothing || Object.keys(declared).some(stack => unitOf(stack) === name)) {
      seen[name] = unitSeen(machine, unit, observer);
      same &&= before?.[name] === seen[name];
    }
    forget(manager, unit);
  }
  return same && before && Object.keys(before).length === Object.keys(seen).length ? before : seen;
}

const subStates = { active: 'exited', inactive: 'dead', failed: 'failed' } as const;

function unitSeen({ disk }: Machine, unit: Unit, observer: Observer): UnitSeen {
  const { name, activeSince } = unit;
  const moved = activeSince !== 0 && activeSince !== observer.activeSince.get(name);
  const restarted = observer.last !== null && moved;
  observer.activeSince.set(name, activeSince);
  const needDaemonReload = needsReload(disk, unit);
  const { seen } = unit;
  if (seen !== null && seen.restarted === restarted && seen.needDaemonReload === needDaemonReload) return seen;
  unit.seen = {
    loadState: unit.load,
    fragmentPath: unit.fragment,
    dropInPaths: unit.dropIns,
    unitFileState: unit.fileState ?? '',
    needDaemonReload,
    activeState: unit.active,
    subState: subStates[unit.active],
    result: unit.result,
    revision: unit.revision,
    marker: unit.marker,
    restarted,
  };
  return unit.seen;
}

function filesSeen(disk: Disk): Observation['files'] {
  const entries: [string, OnDisk][] = [];
  for (const [unit, slots] of disk.slots) {
    for (const role of ['unit', 'dropIn', 'wants'] as const satisfies readonly Role[]) {
      slots[role].forEach((node, rank) => {
        if (node !== null) entries.push([pathOf({ unit, role, rank }), onDisk(disk, node, unit)]);
      });
    }
  }
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function onDisk(disk: Disk, node: Node, unit: string): OnDisk {
  if (node.kind === 'directory') return { kind: 'directory' };
  const file = fileBehind(disk, node, unit);
  const definition = file === null ? null : definitionOf(file.text);
  if (node.kind === 'file') return { kind: 'file', definition };
  if (node.kind === 'link') return { kind: 'link', target: node.target, definition };
  return { kind: 'generation', revision: node.generation.revision, definition };
}

function containersSeen(machine: Machine, observer: Observer): Observation['containers'] {
  const before = observer.last?.containers;
  const seen: [string, ContainerSeen][] = [];
  const count = new Map<string, number>();
  for (const container of machine.containers) {
    const service = `${container.stack}/${container.service}`;
    const nth = (count.get(service) ?? 0) + 1;
    count.set(service, nth);
    seen.push([nth === 1 ? service : `${service}#${nth}`, containerSeen(container, service, observer)]);
  }
  if (before && Object.keys(before).length === seen.length && seen.every(([key, one]) => before[key] === one)) {
    return before;
  }
  return Object.fromEntries(seen.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function containerSeen(container: Container, service: string, observer: Observer): ContainerSeen {
  const { seen, startedAt, seenStart } = container;
  const restarted = seenStart !== null && seenStart !== startedAt;
  container.seenStart = startedAt;
  if (seen !== null && seen.restarted === restarted && seen.state === container.state) return seen;
  const instance = seen?.instance ?? (observer.instances.get(service) ?? 0) + 1;
  if (seen === null) observer.instances.set(service, instance);
  container.seen = {
    state: container.state,
    health: container.healthcheck ? 'healthy' : '',
    image: container.image,
    tag: container.tag,
    greeting: container.greeting,
    marker: container.marker,
    unit: unitOf(container.stack),
    autoUpdate: container.autoUpdate,
    instance,
    restarted,
  };
  return container.seen;
}
