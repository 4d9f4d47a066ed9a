import type { Verb } from '../../../../models/host.ts';
import { fine, type Manager, type Said, type SimulatedMachine, type Unit } from '../machine.ts';
import { terminated } from '../podman/podman.ts';
import { put } from './disk.ts';
import { daemonReload, forget, heard, noBus, systemctl } from './systemd.ts';
import { addWants, disable, enable, mask, revert, unmask } from './unit-files.ts';
import { control, ownDirectoryOf, owned, pathOf, runtimeConfig } from './unit-paths.ts';

/** `systemctl --user VERB [UNIT]`: every verb that an operator types (facts.md F4–F18; facts-debian13, section 9). */
export function verbTyped(machine: SimulatedMachine, verb: Verb, name: string): Said {
  const { manager } = machine;
  switch (verb) {
    case 'start':
    case 'stop':
    case 'restart':
    case 'try-restart':
    case 'reload':
      return systemctl(machine, verb, name === '' ? [] : [name]);
  }
  if (manager === null) return noBus;
  switch (verb) {
    case 'daemon-reload':
    case 'daemon-reexec':
      return reloaded(machine, manager, fine);
    case 'enable':
      return reloaded(machine, manager, enable(machine, name));
    case 'add-wants':
      return reloaded(machine, manager, addWants(machine, name));
    case 'disable':
      return reloaded(machine, manager, disable(machine, name));
    case 'mask':
      return reloaded(machine, manager, mask(machine, name, owned, false));
    case 'mask --runtime':
      return reloaded(machine, manager, mask(machine, name, runtimeConfig, false));
    case 'mask --force':
      return reloaded(machine, manager, mask(machine, name, owned, true));
    case 'unmask':
      return reloaded(machine, manager, unmask(machine, name));
    case 'revert':
      return reloaded(machine, manager, revert(machine, name));
    default:
      return onUnit(machine, manager, verb, name);
  }
}

/** systemctl makes the manager reload if its own work succeeded, even if it changed nothing. */
function reloaded(machine: SimulatedMachine, manager: Manager, said: Said): Said {
  if (said.status === 0) daemonReload(machine, manager);
  return said;
}

function onUnit(
  machine: SimulatedMachine,
  manager: Manager,
  verb: 'edit' | 'set-property' | 'reset-failed' | 'kill',
  name: string,
): Said {
  if (verb === 'reset-failed' || verb === 'kill') return onLoaded(machine, manager, verb, name);
  const unit = heard(machine, manager, name);
  const said = verb === 'edit' ? edit(machine, manager, unit) : setProperty(machine, manager, unit);
  forget(manager, unit);
  return said;
}

/** These two verbs act on a unit that is in memory, and do not load one. */
function onLoaded(machine: SimulatedMachine, manager: Manager, verb: 'reset-failed' | 'kill', name: string): Said {
  const unit = manager.units.get(name);
  const doing = verb === 'kill' ? 'kill unit' : 'reset failed state of unit';
  if (unit === undefined) return { status: 1, message: `Failed to ${doing} ${name}: Unit ${name} not loaded.` };
  if (verb === 'kill') {
    // Only podman-compose's conmons are in the unit's control group; they send SIGTERM on (facts-debian13 F74, F75).
    if (machine.provider === 'podman-compose') terminated(machine, name);
    return fine;
  }
  if (unit.active === 'failed') unit.active = 'inactive';
  unit.result = 'success';
  unit.begun = 0;
  unit.seen = null;
  forget(manager, unit);
  return fine;
}

/** `edit`: writes a drop-in with the marker `edited` for the unit, if the manager knows it; then a reload. */
function edit(machine: SimulatedMachine, manager: Manager, { name, load, fragment }: Unit): Said {
  if (load === 'masked') return { status: 1, message: `Cannot edit ${name}: unit is masked.` };
  if (fragment === '') {
    const message = `No files found for ${name}.\nRun 'systemctl edit --user --force --full ${name}' to create a new unit.`;
    return { status: 1, message };
  }
  const file = { text: { kind: 'drop-in', marker: 'edited' } as const, mtime: ++machine.clock };
  put(
    machine.disk,
    { role: 'dropIn', directory: ownDirectoryOf(name), name: 'override.conf', rank: owned },
    { kind: 'file', file },
  );
  return reloaded(machine, manager, fine);
}

/**
 * `set-property CPUWeight=50`: the manager writes a drop-in and treats it as loaded, in its place by file name and with the
 * newest time; nothing else is read (systemd's unit.c, unit_write_setting; seen on 257).
 */
function setProperty(machine: SimulatedMachine, manager: Manager, unit: Unit): Said {
  if (unit.load !== 'loaded') {
    return {
      status: 1,
      message: `Failed to set unit properties on ${unit.name}: Unit ${unit.name} ${reasons[unit.load]}`,
    };
  }
  const clock = ++machine.clock;
  const location = {
    role: 'dropIn',
    directory: ownDirectoryOf(unit.name),
    name: '50-CPUWeight.conf',
    rank: control,
  } as const;
  put(machine.disk, location, { kind: 'file', file: { text: { kind: 'property' }, mtime: clock } });
  const path = pathOf(location);
  if (!unit.dropIns.includes(path)) unit.dropIns = [...unit.dropIns, path].sort(byFileName);
  unit.dropInMtime = clock;
  unit.seen = null;
  const known = [...(manager.places.directories.get(location.directory) ?? [])];
  known[control] = true;
  manager.places.directories = new Map(manager.places.directories).set(location.directory, known);
  return fine;
}

const byFileName = (one: string, other: string): number => (nameIn(one) < nameIn(other) ? -1 : 1);
const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const reasons = {
  'not-found': 'not found.',
  masked: 'is masked.',
  'bad-setting': 'has a bad unit file setting.',
  error: 'failed to load properly, please adjust/correct and reload service manager: Device or resource busy',
} as const;
