import type { UnitDirectory } from '../../../../models/search-path.ts';
import type { Machine, Said } from '../machine.ts';
import type { Generation } from '../texts.ts';
import { homeManager } from './home-manager.ts';
import { nixosEtc } from './nixos-etc.ts';

/** What a profile's commands do to a machine, apart from its wrapper, which those imitated here share. */
export interface Imitation {
  /** Switches to the generation that the Nix profile points at; `before` is what was said until then. */
  switchTo(machine: Machine, generation: Generation, before: string): Said;
  /** What the first rebuild does besides: a machine is installed from elsewhere, and boots into its first generation. */
  boot(machine: Machine): void;
}

/** The imitation of a profile, by the directory that its owner installs units in. */
export const imitations: Partial<Record<UnitDirectory, Imitation>> = {
  '~/.config/systemd/user': homeManager,
  '/etc/systemd/user': nixosEtc,
};
