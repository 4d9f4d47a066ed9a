import { hardened } from './hardened/index.ts';
import { homeManager } from './home-manager.ts';
import type { Imitation } from './imitation.ts';
import { nixosEtc } from './nixos-etc.ts';

/** Profiles that the simulator knows by heart, by name. */
export const imitatedProfiles = ['home-manager', 'nixos-etc', 'hardened'] as const;
export type ImitatedProfile = (typeof imitatedProfiles)[number];

/** The imitation of a profile. */
export const imitations: Readonly<Record<ImitatedProfile, Imitation>> = {
  'home-manager': homeManager,
  'nixos-etc': nixosEtc,
  hardened,
};
