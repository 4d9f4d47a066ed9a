import { tellingLine, withFailure } from '../../../../models/machine/cause.ts';
import type { Imitation } from '../machine.ts';
import { joined, type Said, type SimulatedMachine } from '../machine.ts';
import { activate } from '../owner/home-manager.ts';
import type { Generation } from '../store.ts';
import { plainly } from './plainly.ts';
import { readOnly } from './read-only.ts';

const unit = 'home-manager-homelab.service';

/**
 * The system unit names the generation. It runs only if its text changed or its last run failed: an unchanged generation is not
 * activated again, whatever happened to its links (facts.md F37; defects.md D09).
 */
function switchTo(machine: SimulatedMachine, generation: Generation, before: string): Said {
  const { oneshot } = machine;
  const isWritten = oneshot.generation === generation;
  if (isWritten && oneshot.active) return { status: 0, message: before };
  // A unit that failed at boot is only started again: nothing is written below /etc.
  if (!isWritten && machine.isEtcReadOnly) return readOnly(before);
  oneshot.generation = generation;
  const { status, message } = activate(machine, generation);
  machine.log.push(message);
  oneshot.active = status === 0;
  if (status === 0) return { status, message: before };
  blamed(machine, unit, message);
  return failed(message, before);
}

/** Records that the system unit failed, with the last message of the activation. */
export function blamed(machine: SimulatedMachine, unit: string, message: string): void {
  const says = tellingLine(message.split('\n'), 1);
  machine.failed = withFailure(machine.failed, { unit, manager: 'system', says });
}

/** The unit is wanted at boot: it makes the links, finds no user manager, and fails (defects.md D49). */
function booted(machine: SimulatedMachine): void {
  const { oneshot } = machine;
  if (oneshot.generation !== null) oneshot.active = activate(machine, oneshot.generation).status === 0;
}

/** What nixos-rebuild prints, with its status, after the messages of the activation. */
const failed = (journal: string, before: string): Said => ({
  status: 4,
  message: joined(
    journal,
    before,
    `Job for ${unit} failed because the control process exited with error code.`,
    `See "systemctl status ${unit}" and "journalctl -xeu ${unit}" for details.`,
    `warning: the following units failed: ${unit}`,
  ),
});

/** Home Manager, as a NixOS module, owns the units: src/profiles/home-manager. */
export const homeManager: Imitation = { ...plainly, switchTo, booted, installed: () => {} };
