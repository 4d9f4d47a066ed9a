import { debian12, debian13, type MachineTraits } from '../../../../models/machine/traits.ts';
import type { Suite } from './recipe.ts';

/** What a Debian release offers to stacks. */
export interface Release {
  /** Compose providers that podman can be given there. */
  readonly providers: readonly string[];
  /** Behaviour by which its machines differ from those of another release. */
  readonly traits: MachineTraits;
}

/** Debian 12 has no docker compose that knows podman: its docker-compose is the old one, in Python (facts.md F49). */
export const releases: Readonly<Record<Suite, Release>> = {
  trixie: { providers: ['docker-compose', 'podman-compose', 'podman'], traits: debian13 },
  bookworm: { providers: ['podman-compose'], traits: debian12 },
};
