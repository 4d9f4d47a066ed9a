import { type Container, fine, newManager, type Said, type SimulatedMachine } from '../machine.ts';
import { containerStopped } from '../podman/podman.ts';
import { clearDirectory } from './disk.ts';
import { daemonReload, heard, startUnit } from './systemd.ts';
import { hasFirstTarget } from './unit-load.ts';
import { transient } from './unit-paths.ts';

/**
 * `systemctl stop user@1500.service`: every unit is unloaded and every container ends; containers keep their ids and the last
 * output of their healthchecks (facts.md F21; facts-debian13 F88).
 */
export function stopManager(machine: SimulatedMachine): Said {
  machine.manager = null;
  machine.strayTimers = [];
  for (const container of machine.containers) containerStopped(container);
  return fine;
}

/**
 * `systemctl start user@1500.service`: units are read anew, and what default.target wants is started; a unit that fails is not
 * reported (facts.md F20; facts-debian13 F89). Transient units of the former manager are removed (seen on 257).
 */
export function startManager(machine: SimulatedMachine): Said {
  if (machine.manager !== null) return fine;
  clearDirectory(machine.disk, transient);
  if (!hasFirstTarget(machine.disk)) return noTarget;
  machine.manager = newManager();
  daemonReload(machine, machine.manager);
  const kept = [...machine.containers];
  for (const name of machine.manager.wanted) {
    const unit = heard(machine, machine.manager, name);
    if (unit.load === 'loaded') startUnit(machine, unit);
  }
  sideBySide(machine.containers, new Set(kept));
  return fine;
}

/** The manager reads default.target first, and ends where it cannot (facts.md F210). */
const noTarget: Said = {
  status: 1,
  message:
    'Job for user@1500.service failed because the control process exited with error code.\nSee "systemctl status user@1500.service" and "journalctl -xeu user@1500.service" for details.',
};

/** Units start at the same time: of the new containers the first of each stack are the oldest. */
function sideBySide(containers: Container[], kept: ReadonlySet<Container>): void {
  const made = containers.filter(one => !kept.has(one));
  const round = ({ stack, id }: Container) => made.filter(one => one.stack === stack && one.id < id).length;
  made.sort((one, other) => round(one) - round(other));
  containers.splice(0, containers.length, ...containers.filter(one => kept.has(one)), ...made);
}
