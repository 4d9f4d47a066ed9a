import type { Declaration } from '../../../models/declaration.ts';
import { activate } from './home-manager.ts';
import { joined, type Machine, type Said } from './machine.ts';
import { type Generation, stored } from './texts.ts';

/**
 * The profile's rebuild: the Nix profile moves first and says what was asked for, also where the activation then fails;
 * `nix-env --set` makes no new generation of what is the newest already.
 */
export function rebuild(machine: Machine, declaration: Declaration): Said {
  const generation = stored(machine.store, declaration);
  const { profile } = machine;
  if (profile.generations.at(-1) !== generation) profile.generations.push(generation);
  profile.pointer = profile.generations.length - 1;
  return switchTo(machine, generation);
}

/** The profile's rollback: the generation numbered before the current one (facts.md F39). */
export function rollback(machine: Machine): Said {
  const { profile } = machine;
  const generation = profile.generations[profile.pointer - 1];
  if (generation === undefined) {
    const message = `error: no profile version older than the current (${profile.pointer + 1}) exists`;
    return { status: 1, message };
  }
  const switching = `switching profile from version ${profile.pointer + 1} to ${profile.pointer}`;
  profile.pointer--;
  return switchTo(machine, generation, switching);
}

const unit = 'home-manager-homelab.service';

/**
 * The system unit names the generation. It runs where its text changed or its last run failed, and only there: an
 * unchanged generation is not activated again, whatever became of its links (facts.md F37; defects.md D09).
 */
function switchTo(machine: Machine, generation: Generation, before = ''): Said {
  const { oneshot } = machine;
  if (oneshot.generation === generation && oneshot.active) return { status: 0, message: before };
  oneshot.generation = generation;
  const { status, message } = activate(machine, generation);
  machine.log.push(message);
  oneshot.active = status === 0;
  return status === 0 ? { status, message: before } : failed(message, before);
}

/** What nixos-rebuild says, with its status, after what the activation itself had to say. */
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
