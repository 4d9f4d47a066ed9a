import type { Container, Machine, Manager, Unit } from './machine.ts';
import type { Observer } from './observe/observer.ts';
import type { Disk } from './systemd/disk.ts';

/**
 * A machine like it, which goes its own way: what is changed in place is copied, all else is shared. What was said stays
 * behind, since it is no part of how a machine stands.
 */
export const forked = (machine: Machine): Machine => ({
  ...machine,
  disk: forkedDisk(machine.disk),
  profile: { ...machine.profile },
  oneshot: { ...machine.oneshot },
  manager: machine.manager && forkedManager(machine.manager),
  containers: machine.containers.map(container => ({ ...container }) satisfies Container),
  secrets: { ...machine.secrets },
  reasons: new Map(machine.reasons),
  log: [],
});

const forkedDisk = (disk: Disk): Disk => ({
  ...disk,
  slots: new Map(disk.slots),
  dropIns: new Map(disk.dropIns),
  drift: new Map(disk.drift),
  wantsDirectory: [...disk.wantsDirectory],
});

function forkedManager(manager: Manager): Manager {
  const units = new Map<string, Unit>();
  for (const [name, unit] of manager.units) units.set(name, { ...unit });
  return { ...manager, units, places: { ...manager.places } };
}

/** An observer that remembers the same. */
export const forkedObserver = (observer: Observer): Observer => ({
  ...observer,
  activeSince: new Map(observer.activeSince),
  instances: new Map(observer.instances),
});
