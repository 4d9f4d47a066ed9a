import type { Claim, Updating } from '../../../../models/host.ts';
import type { Said, SimulatedMachine, Unit } from '../machine.ts';
import type { Generation } from '../store.ts';

/** What a profile's own programs do to a machine: all of it that is not systemd's, podman's or a provider's. */
export interface Imitation {
  /** Switches to the generation that the Nix profile points at; `before` is what was said until then. */
  switchTo(machine: SimulatedMachine, generation: Generation, before: string): Said;
  /** What the first rebuild does besides: a machine is installed from elsewhere, and boots into its first generation. */
  installed(machine: SimulatedMachine): void;
  /** What the boot changes that comes between the first rebuild and whatever is done first; nothing where absent. */
  bootedSince?(machine: SimulatedMachine): void;
  /** What the owner does at boot, before any user manager. */
  booted(machine: SimulatedMachine): void;
  /** What a start of a stack's unit runs, and what a start that failed runs afterwards. */
  up(machine: SimulatedMachine, unit: Unit): Said;
  /** What a stop of a stack's unit runs. */
  stop(machine: SimulatedMachine, unit: Unit): Said;
  /** An update of the images, with a user manager there. */
  update(machine: SimulatedMachine, how: Updating): Claim;
}
