import { type Container, copied, type Manager, type SimulatedMachine, type Unit } from './machine.ts';
import type { Observer } from './observe/observer.ts';
import type { Disk } from './systemd/disk.ts';

/**
 * A copy of a machine that can be changed without the first: what is changed in place is copied, all else is shared. The log is
 * not copied, since it is no part of the machine's state. Fields are copied one by one: after `{ ...machine }` V8 would give
 * the copies different hidden classes, and code that reads them would be slow.
 */
export const forked = (machine: SimulatedMachine): SimulatedMachine => ({
  setup: machine.setup,
  imitation: machine.imitation,
  provider: machine.provider,
  store: machine.store,
  disk: forkedDisk(machine.disk),
  clock: machine.clock,
  profile: { generations: machine.profile.generations, pointer: machine.profile.pointer },
  home: machine.home,
  oneshot: { generation: machine.oneshot.generation, active: machine.oneshot.active },
  manager: machine.manager && forkedManager(machine.manager),
  containers: machine.containers.map(copied),
  registry: machine.registry,
  images: machine.images,
  registryUp: machine.registryUp,
  linger: machine.linger,
  around: machine.around,
  isStoreFull: machine.isStoreFull,
  isEtcReadOnly: machine.isEtcReadOnly,
  secrets: {
    missing: machine.secrets.missing,
    malformed: machine.secrets.malformed,
    rotated: machine.secrets.rotated,
    aside: machine.secrets.aside,
  },
  strayTimers: machine.strayTimers,
  networks: machine.networks,
  resources: machine.resources,
  // Always written before they are read.
  reasons: new Map(),
  log: [],
  // Forgotten at each look.
  starts: new Map(),
  failed: machine.failed,
});

const forkedDisk = (disk: Disk): Disk => ({
  slots: new Map(disk.slots),
  names: disk.names,
  dropIns: new Map(disk.dropIns),
  static: disk.static,
  drift: new Map(disk.drift),
  wantsDirectories: { wants: [...disk.wantsDirectories.wants], also: [...disk.wantsDirectories.also] },
  version: disk.version,
  stamp: disk.stamp,
});

/**
 * Replaces the parts of a machine that are equal to those of the machine it was forked from by the same objects, so that a
 * search can compare them by identity. Afterwards neither machine may be changed.
 */
export function shared(machine: SimulatedMachine, from: SimulatedMachine): void {
  machine.containers = sharedContainers(machine.containers, from.containers);
  const [{ manager }, { manager: before }] = [machine, from];
  if (manager !== null && before !== null) manager.units = sharedUnits(manager.units, before.units);
}

function sharedContainers(now: Container[], before: Container[]): Container[] {
  let same = now.length === before.length;
  for (let at = 0; at < now.length; at++) {
    const [one, other] = [now[at] as Container, before[at]];
    if (other !== undefined && isSameContainer(one, other)) now[at] = other;
    else same = false;
  }
  return same ? before : now;
}

/** Of two containers with the same id only the fields that are not read-only can differ. */
const isSameContainer = (one: Container, other: Container): boolean =>
  one.id === other.id &&
  one.state === other.state &&
  one.health === other.health &&
  one.seen === other.seen &&
  one.seenStart === other.seenStart &&
  one.startedAt === other.startedAt &&
  one.sick === other.sick &&
  one.name === other.name &&
  one.settings === other.settings &&
  one.effect === other.effect;

type Units = Manager['units'];

function sharedUnits(now: Units, before: Units): Units {
  let same = now.size === before.size;
  for (const [name, unit] of now) {
    const other = before.get(name);
    if (other !== undefined && isSameUnit(unit, other)) now.set(name, other);
    else same = false;
  }
  return same ? before : now;
}

const isSameUnit = (one: Unit, other: Unit): boolean =>
  one.load === other.load &&
  one.active === other.active &&
  one.activeSince === other.activeSince &&
  one.seen === other.seen &&
  one.missedAt === other.missedAt &&
  one.begun === other.begun &&
  one.result === other.result &&
  one.rank === other.rank &&
  one.fragment === other.fragment &&
  one.fragmentMtime === other.fragmentMtime &&
  one.dropInMtime === other.dropInMtime &&
  one.revision === other.revision &&
  one.marker === other.marker &&
  one.fileState === other.fileState &&
  sameItems(one.dropIns, other.dropIns) &&
  sameItems(one.runs, other.runs);

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function forkedManager(manager: Manager): Manager {
  const units = new Map<string, Unit>();
  for (const [name, unit] of manager.units) units.set(name, forkedUnit(unit));
  const { stamp, of, directories } = manager.places;
  return {
    units,
    wanted: manager.wanted,
    places: { stamp, of, directories },
    hasFailedStranger: manager.hasFailedStranger,
    readAt: manager.readAt,
  };
}

const forkedUnit = (unit: Unit): Unit => ({
  name: unit.name,
  load: unit.load,
  fragment: unit.fragment,
  fragmentMtime: unit.fragmentMtime,
  dropIns: unit.dropIns,
  dropInMtime: unit.dropInMtime,
  runs: unit.runs,
  revision: unit.revision,
  marker: unit.marker,
  active: unit.active,
  result: unit.result,
  activeSince: unit.activeSince,
  fileState: unit.fileState,
  missedAt: unit.missedAt,
  begun: unit.begun,
  rank: unit.rank,
  seen: unit.seen,
});

/** A copy of an observer, with what it remembers. */
export const forkedObserver = (observer: Observer): Observer => ({
  activeSince: observer.activeSince,
  instances: observer.instances,
  diskVersion: observer.diskVersion,
  last: observer.last,
});
