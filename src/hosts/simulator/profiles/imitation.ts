import type { Claim, Updating } from '../../../../models/host.ts';
import type { Said, SimulatedMachine, Unit } from '../machine.ts';
import type { Generation } from '../store.ts';

/** What a profile's own programs do to a machine: everything except systemd, podman and the providers. */
export interface Imitation {
  /** Switches to the generation that the Nix profile points at; `before` is what was printed until then. */
  switchTo(machine: SimulatedMachine, generation: Generation, before: string): Said;
  /** What only the first rebuild does: a machine is installed from another system, and boots its first generation. */
  installed(machine: SimulatedMachine): void;
  /** What the boot after the first rebuild changes; nothing if absent. */
  bootedSince?(machine: SimulatedMachine): void;
  /** What the owner does at boot, before any user manager runs. */
  booted(machine: SimulatedMachine): void;
  /** What runs when a stack's unit starts, and after a start that failed. */
  up(machine: SimulatedMachine, unit: Unit): Said;
  /** What runs when a stack's unit stops. */
  stop(machine: SimulatedMachine, unit: Unit): Said;
  /** An update of the images, while the user manager runs. */
  update(machine: SimulatedMachine, how: Updating): Claim;
}
