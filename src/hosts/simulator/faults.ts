import type { Fault } from '../../../models/host.ts';
import { searchPath } from '../../../models/machine/search-path.ts';
import { fine, type Said, type SimulatedMachine } from './machine.ts';
import { clearDirectory } from './systemd/disk.ts';
import { startManager, stopManager } from './systemd/user-manager.ts';

/** The machine after a fault of the whole machine; each fault takes effect at once. */
export function afterFault(machine: SimulatedMachine, fault: Fault): Said {
  switch (fault) {
    case 'reboot':
    case 'power-cut':
      return reboot(machine);
    case 'terminate-user':
      return forgotten(machine);
    case 'linger-off':
      machine.linger = false;
      return forgotten(machine);
    case 'linger-on':
      machine.linger = true;
      return startManager(machine);
    case 'fail-unrelated-unit':
      if (machine.manager !== null) machine.manager.hasFailedStranger = true;
      return fine;
    case 'fill-store':
    case 'free-store':
      machine.isStoreFull = fault === 'fill-store';
      return fine;
    case 'etc-read-only':
    case 'etc-writable':
      machine.isEtcReadOnly = fault === 'etc-read-only';
      return fine;
    case 'elapse-timers':
      probed(machine);
      return fine;
  }
}

/**
 * The manager ends, and logind removes the runtime directory with all that is in it, also the last output of healthchecks
 * (facts-debian13 F92; seen on podman 5.4.2).
 */
function forgotten(machine: SimulatedMachine): Said {
  stopManager(machine);
  for (const container of machine.containers) container.health = '';
  swept(machine, '%t/');
  return fine;
}

/**
 * /run is empty, the registry is up again, and nothing is mounted over /etc any more. If the owner's activation runs at boot,
 * it runs before any user manager (facts.md F37; facts-debian13 F89).
 */
function reboot(machine: SimulatedMachine): Said {
  forgotten(machine);
  swept(machine, '/run/');
  machine.registryUp = true;
  machine.isEtcReadOnly = false;
  machine.imitation.booted(machine);
  // Whether a manager starts then is nobody's to report.
  if (machine.linger) startManager(machine);
  return fine;
}

function swept({ disk }: SimulatedMachine, beginning: string): void {
  for (const [rank, directory] of searchPath.entries()) if (directory.startsWith(beginning)) clearDirectory(disk, rank);
}

/** Health timers run their probes. The probe of a container whose process is gone fails (facts-debian13 F86). */
function probed({ containers }: SimulatedMachine): void {
  for (const container of containers) {
    const counts = container.healthcheck === 'passing' || container.healthcheck === 'failing';
    if (counts && container.state === 'dead') container.health = 'unhealthy';
  }
}
