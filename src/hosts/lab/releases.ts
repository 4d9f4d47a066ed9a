import type { Suite } from './recipe.ts';

/** What a Debian release has for stacks. */
export interface Release {
  /** Compose providers that podman can be given there. */
  readonly providers: readonly string[];
}

/** Debian 12 has no docker compose that knows podman: its docker-compose is the old one, in Python (facts.md F49). */
export const releases: Readonly<Record<Suite, Release>> = {
  trixie: { providers: ['docker-compose', 'podman-compose'] },
  bookworm: { providers: ['podman-compose'] },
};
