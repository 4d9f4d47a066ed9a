import type { Setup } from '../../models/world.ts';
import type { Profile, Provider } from './profile.ts';

/** What the model must know of a profile that is run by a provider. */
export const setupOf = ({ profile, provider }: { readonly profile: Profile; readonly provider: Provider }): Setup => ({
  owner: profile.owner,
  declaration: profile.declaration,
  versions: profile.versions,
  traits: {
    // podman-compose starts conmon inside the unit; docker compose has podman's API service do it (facts-debian13 F74).
    containersInUnit: provider === 'podman-compose',
    hasUpdateUnit: profile.updateUnit !== null,
    activatesAtBoot: profile.activatesAtBoot,
  },
});
