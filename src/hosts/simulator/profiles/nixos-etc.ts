import type { Imitation } from '../machine.ts';
import { fine, joined, type Said, type SimulatedMachine } from '../machine.ts';
import type { Generation } from '../store.ts';
import { type Node, namesIn, put, slotsOf } from '../systemd/disk.ts';
import { daemonReload } from '../systemd/systemd.ts';
import { etc, type PathRole } from '../systemd/unit-paths.ts';
import { startManager, stopManager } from '../systemd/user-manager.ts';
import { plainly } from './plainly.ts';

const roles: readonly PathRole[] = ['unit', 'wants'];
const link: Node = { kind: 'static' };

/**
 * The activation, and what switch-to-configuration does with units of users: their manager executes itself anew and thereby
 * reads all unit files, but nothing is restarted. No failure of this is reported (facts.md F40).
 */
function switchTo(machine: SimulatedMachine, generation: Generation, before: string): Said {
  if (machine.isEtcReadOnly) {
    const why = "ln: failed to create symbolic link '/etc/static.tmp': Read-only file system";
    return { status: 1, message: joined(before, why, 'stackfuzz: refused') };
  }
  activate(machine, generation);
  machine.home = generation;
  if (machine.manager !== null) daemonReload(machine, machine.manager);
  return { ...fine, message: before };
}

/**
 * /etc/static is changed at once, and with it every link through it. Links to files that no longer exist are removed, and each
 * file of the generation gets a link, whatever is there, except a directory.
 */
function activate({ disk }: SimulatedMachine, generation: Generation): void {
  disk.static = generation;
  disk.version++;
  for (const unit of namesIn(disk)) {
    for (const role of roles) {
      const isOurs = slotsOf(disk, unit)[role][etc]?.kind === 'static';
      if (isOurs && !generation.files.has(unit)) put(disk, { unit, role, rank: etc }, null);
    }
  }
  for (const unit of generation.files.keys()) {
    for (const role of roles) {
      if (slotsOf(disk, unit)[role][etc]?.kind !== 'directory') put(disk, { unit, role, rank: etc }, link);
    }
  }
}

/** NixOS owns the units, in /etc/systemd/user: src/profiles/nixos-etc. */
export const nixosEtc: Imitation = {
  ...plainly,
  switchTo,
  booted(machine) {
    const { generations, pointer } = machine.profile;
    const generation = generations[pointer];
    if (generation === undefined) return;
    activate(machine, generation);
    machine.home = generation;
  },
  installed(machine) {
    stopManager(machine);
    startManager(machine);
  },
};
