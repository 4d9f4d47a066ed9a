import { type ImitatedProfile, imitatedProfiles } from '../hosts/simulator/index.ts';
import { loadProfile } from '../profiles/profile.ts';
import type { Profile } from '../profiles/types.ts';

/** The profile whose imitation the simulator uses for this one: its own, or that of the profile in `imitates`. */
export function imitationOf({ directory, imitates }: Pick<Profile, 'directory' | 'imitates'>): ImitatedProfile | null {
  const isIt = (name: ImitatedProfile) =>
    imitates === null ? directory === loadProfile(name).directory : imitates === name;
  return imitatedProfiles.find(isIt) ?? null;
}

/** A warning about runs on the simulator that use the imitation of another profile; null where the profile has its own. */
export const imitationNote = ({ name, imitates }: Pick<Profile, 'name' | 'imitates'>): string | null =>
  imitates === null
    ? null
    : `Profile ${name} imitates ${imitates}: the simulator does what ${imitates} does with ${name}'s stacks, and runs none of ${name}'s scripts. What it finds is a suspicion, and that nothing is found says nothing of your changes: lab machines run them.`;
