import type { Imitation } from '../machine.ts';
import { hardened } from './hardened/index.ts';
import { homeManager } from './home-manager.ts';
import { nixosEtc } from './nixos-etc.ts';

/** The names of the profiles that the simulator imitates. */
export const imitatedProfiles = ['home-manager', 'nixos-etc', 'hardened'] as const;
export type ImitatedProfile = (typeof imitatedProfiles)[number];

/** The imitation of a profile. */
export const imitations: Readonly<Record<ImitatedProfile, Imitation>> = {
  'home-manager': homeManager,
  'nixos-etc': nixosEtc,
  hardened,
};
