import type { Observation } from '../../../../models/observation.ts';
import type { Machine } from '../machine.ts';
import { containersSeen } from './containers.ts';
import { filesSeen } from './files.ts';
import type { Observer } from './observer.ts';
import { unitsSeen } from './units.ts';

const noUnits: Observation['units'] = {};
const none: readonly string[] = [];

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
    // Stopping, removing and ending with the manager all take a container's own timer away (facts-debian13 F87).
    strayTimers: machine.strayTimers,
    leftovers: none,
  };
  observer.diskVersion = machine.disk.version;
  observer.last = seen;
  return seen;
}
