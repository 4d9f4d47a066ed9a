import { unitOf } from '../../../../models/machine/search-path.ts';
import { notLingering, type Observation } from '../../../../models/observation.ts';
import type { SimulatedMachine } from '../machine.ts';
import { volumesSeen } from '../podman/resources.ts';
import { type Disk, slotsOf } from '../systemd/disk.ts';
import { simulatedContainers } from './containers.ts';
import { simulatedFiles } from './files.ts';
import type { Observer } from './observer.ts';
import { simulatedUnits } from './units.ts';

const noUnits: Observation['units'] = {};
const none: readonly string[] = [];

/** One look at the machine. It loads some units, because it asks for them: a look is not quite read-only (facts.md F8). */
export function look(machine: SimulatedMachine, observer: Observer): Observation {
  const { last } = observer;
  const { manager, profile, home } = machine;
  const asked = profile.generations[profile.pointer]?.revision ?? null;
  const activated = home?.revision ?? null;
  const kept = last !== null && last.generation.profile === asked && last.generation.home === activated;
  const units = manager === null ? noUnits : simulatedUnits(machine, manager, observer);
  const seen: Observation = {
    manager: manager === null ? 'down' : 'running',
    generation: kept ? last.generation : { profile: asked, home: activated },
    units,
    files: last !== null && observer.diskVersion === machine.disk.version ? last.files : simulatedFiles(machine.disk),
    containers: simulatedContainers(machine, observer),
    // A stop, a removal and the end of the manager each remove the container's own timer (facts-debian13 F87).
    strayTimers: machine.strayTimers,
    leftovers: leftoversIn(machine, units),
  };
  const volumes = volumesSeen(machine);
  if (volumes !== undefined) Object.assign(seen, { volumes });
  machine.starts.clear();
  const around = aroundSeen(machine);
  if (around !== null) Object.assign(seen, { around });
  // Errors and ends are those since the last look.
  if (machine.around !== null) machine.around = { ...machine.around, errors: [], killed: [] };
  observer.diskVersion = machine.disk.version;
  observer.last = seen;
  return seen;
}

/** What was done around the stacks, and whether linger is off. */
const aroundSeen = ({ around, linger }: SimulatedMachine): Observation['around'] | null =>
  linger ? around : around === null ? notLingering : { ...around, linger };

/** Networks and volumes of stacks of which no unit, file or container is left. */
function leftoversIn(machine: SimulatedMachine, units: Observation['units']): readonly string[] {
  let left: string[] | undefined;
  for (const stack of machine.networks.keys()) {
    if (speaksFor(machine, units, stack)) continue;
    left ??= [];
    left.push(`network ${stack}_default`);
  }
  for (const [what, { stack, made }] of machine.resources) {
    if (made === null || what === `network ${stack}_default` || speaksFor(machine, units, stack)) continue;
    left ??= [];
    left.push(what);
  }
  return left?.sort() ?? none;
}

function speaksFor({ disk, containers }: SimulatedMachine, units: Observation['units'], stack: string): boolean {
  const unit = unitOf(stack);
  return units[unit] !== undefined || stands(disk, unit) || containers.some(one => one.stack === stack);
}

const stands = (disk: Disk, name: string): boolean => {
  if (!disk.slots.has(name)) return false;
  const { unit, wants, also } = slotsOf(disk, name);
  return [...unit, ...wants, ...also].some(node => node !== null);
};
