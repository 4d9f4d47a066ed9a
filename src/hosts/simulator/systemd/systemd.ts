import { tellingLine, withFailure, withoutFailure } from '../../../../models/machine/cause.ts';
import { runStack } from '../compose/stack.ts';
import { fine, joined, type Manager, type Said, type SimulatedMachine, type Unit } from '../machine.ts';
import { unitFileState } from './unit-file-state.ts';
import { load, lookAround, needsReload, newUnit, wantedUnits } from './unit-load.ts';

/** What systemctl prints if no manager runs (facts.md F19). */
export const noBus: Said = {
  status: 1,
  message: 'Failed to connect to user scope bus via local transport: Connection refused',
};

/** `systemctl --user daemon-reload`: every unit file is read again, and nothing is restarted (facts.md F14). */
export function daemonReload(machine: SimulatedMachine, manager: Manager): void {
  manager.readAt = machine.disk.version;
  manager.wanted = wantedUnits(machine.disk);
  lookAround(machine.disk, manager.places);
  for (const unit of manager.units.values()) load(machine.disk, manager.places, unit);
  for (const name of manager.wanted) if (!manager.units.has(name)) heard(machine, manager, name);
  for (const unit of manager.units.values()) forget(manager, unit);
}

/** Unloads an inactive unit that nothing refers to: it is read again when it is asked for. */
export function forget(manager: Manager, unit: Unit): void {
  if (unit.active === 'inactive' && !manager.wanted.has(unit.name)) manager.units.delete(unit.name);
}

/**
 * The unit, for a command that names it. If it was not found before, it is looked for again as soon as a watched directory has
 * changed. If it is then found while active or failed, it cannot join its slice any more, and gets the load state `error` (seen
 * on systemd 257).
 */
export function heard(machine: SimulatedMachine, manager: Manager, name: string): Unit {
  let unit = manager.units.get(name);
  if (unit !== undefined && (unit.load !== 'not-found' || unit.missedAt === machine.disk.stamp)) return unit;
  if (unit === undefined) {
    unit = newUnit(name);
    manager.units.set(name, unit);
  }
  load(machine.disk, manager.places, unit);
  if (unit.load === 'loaded' && unit.active !== 'inactive') unit.load = 'error';
  return unit;
}

/** What `systemctl --user show` causes: the unit is loaded, and its UnitFileState is read and kept. */
export function shown(machine: SimulatedMachine, manager: Manager, name: string): Unit {
  const unit = heard(machine, manager, name);
  if (unit.fileState === null && unit.fragment !== '') unit.fileState = unitFileState(machine.disk, name);
  return unit;
}

/** Verbs that queue a job. */
export type JobVerb = 'start' | 'stop' | 'restart' | 'try-restart' | 'reload';

/** `systemctl --user start|stop|… UNIT...`: a unit whose job cannot be queued does not stop the others. */
export function systemctl(machine: SimulatedMachine, verb: JobVerb, names: readonly string[]): Said {
  const { manager } = machine;
  if (manager === null) return noBus;
  const messages: string[] = [];
  let status = 0;
  for (const name of names) {
    const unit = heard(machine, manager, name);
    const said = refusal(unit, verb) ?? done(machine, unit, verb);
    if (said.message !== '') messages.push(said.message);
    status ||= said.status;
    forget(manager, unit);
  }
  return { status, message: messages.join('\n') };
}

function refusal(unit: Unit, verb: JobVerb): Said | null {
  const because = (status: number, reason: string, more = ''): Said => ({
    status,
    message: `Failed to ${verb} ${unit.name}: Unit ${unit.name} ${reason}.${more}`,
  });
  const see = `\nSee user logs and 'systemctl --user status ${unit.name}' for details.`;
  if (verb === 'stop') {
    const isLoaded = unit.load === 'loaded' || unit.load === 'masked' || unit.active !== 'inactive';
    return isLoaded ? null : because(5, 'not loaded');
  }
  switch (unit.load) {
    case 'loaded':
      return verb === 'reload' ? notApplicable(unit) : null;
    case 'not-found':
      return because(5, 'not found');
    case 'masked':
      // try-restart of an active unit that may not be started neither fails nor does anything (seen on 257).
      return verb === 'try-restart' ? fine : because(1, 'is masked');
    case 'bad-setting':
      return because(1, 'has a bad unit file setting', see);
    case 'error':
      return {
        status: 1,
        message: `Failed to ${verb} ${unit.name}: Unit ${unit.name} failed to load properly, please adjust/correct and reload service manager: Device or resource busy${see}`,
      };
  }
}

/** No unit of a stack has an ExecReload=. */
const notApplicable = ({ name }: Unit): Said => ({
  status: 3,
  message: `Failed to reload ${name}: Job type reload is not applicable for unit ${name}.`,
});

function done(machine: SimulatedMachine, unit: Unit, verb: JobVerb): Said {
  const warning = needsReload(machine.disk, unit)
    ? `Warning: The unit file, source configuration file or drop-ins of ${unit.name} changed on disk. Run 'systemctl --user daemon-reload' to reload units.`
    : '';
  if (verb === 'try-restart' && unit.active !== 'active') return { status: 0, message: warning };
  const hadToStop = verb !== 'start' && unit.active === 'active';
  const stopped = hadToStop ? stop(machine, unit, verb !== 'stop') : fine;
  if (verb === 'stop') return { status: 0, message: joined(warning, stopped.message) };
  const started = startUnit(machine, unit);
  return { status: started.status, message: joined(warning, started.message) };
}

/** A stop job. If ExecStop= fails, the unit shows it, but neither the job nor a restart fails (facts.md F17). */
function stop(machine: SimulatedMachine, unit: Unit, restarting: boolean): Said {
  const said = runStack(machine, unit, 'stop');
  const failed = said.status !== 0 && !restarting;
  unit.active = failed ? 'failed' : 'inactive';
  unit.result = failed ? 'exit-code' : 'success';
  unit.seen = null;
  if (failed) blamed(machine, unit, said);
  return fine;
}

/** A start job: it does nothing if the unit is active (facts.md F17). */
export function startUnit(machine: SimulatedMachine, unit: Unit): Said {
  if (unit.active === 'active') return fine;
  unit.seen = null;
  const { startLimit } = machine.setup.traits;
  if (startLimit !== undefined && ++unit.begun > startLimit) return tooOften(machine, unit, startLimit);
  machine.starts.set(unit.name, (machine.starts.get(unit.name) ?? 0) + 1);
  const said = runStack(machine, unit, 'up');
  if (said.status === 0) {
    unit.active = 'active';
    unit.result = 'success';
    unit.activeSince = ++machine.clock;
    machine.failed = withoutFailure(machine.failed, unit.name);
    return fine;
  }
  unit.active = 'failed';
  unit.result = said.hangs ? 'timeout' : 'exit-code';
  blamed(machine, unit, said);
  const why = said.hangs ? 'a timeout was exceeded' : 'the control process exited with error code';
  return {
    status: 1,
    message: `Job for ${unit.name} failed because ${why}.\nSee "systemctl --user status ${unit.name}" and "journalctl --user -xeu ${unit.name}" for details.`,
  };
}

/** A unit that was started as often as its settings allow is not started again (facts.md F213). */
function tooOften(machine: SimulatedMachine, unit: Unit, limit: number): Said {
  unit.begun = limit;
  unit.active = 'failed';
  unit.result = 'start-limit-hit';
  blamed(machine, unit, fine);
  const { name } = unit;
  return {
    status: 1,
    message: `Job for ${name} failed because start of the service was attempted too often.\nSee "systemctl --user status ${name}" and "journalctl --user -xeu ${name}" for details.\nTo force a start use "systemctl --user reset-failed ${name}"\nfollowed by "systemctl --user start ${name}" again.`,
  };
}

/** Records what a unit printed before it failed; a unit that systemd ended has no reason of its own. */
function blamed(machine: SimulatedMachine, { name, result }: Unit, { message, status }: Said): void {
  const isSystemds = result === 'timeout' || result === 'start-limit-hit';
  const says = isSystemds ? result : tellingLine(message.split('\n'), status);
  machine.failed = withFailure(machine.failed, { unit: name, manager: 'user', says });
}
