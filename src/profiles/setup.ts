import type { Declaration } from '../../models/machine/declaration.ts';
import type { Provider } from '../../models/machine/traits.ts';
import { debian13, type MachineTraits } from '../../models/machine/traits.ts';
import type { ModelConfig } from '../../models/world.ts';
import { ociPrefix } from './oci-containers.ts';
import { provided } from './provided.ts';
import type { Profile } from './types.ts';

/** A profile that is run by a provider, on machines of a kind. */
export interface ProfileOnMachines {
  readonly profile: Profile;
  readonly provider: Provider;
  /** What its machines do by design; as Debian 13 if absent. */
  readonly machines?: MachineTraits;
  /** The declaration that is rebuilt before the first one; absent if there is none. */
  readonly before?: Declaration;
}

/** Whether podman's generator makes the units of its containers. */
export const hasQuadlets = ({ containers }: Pick<Profile, 'containers'>, provider: Provider): boolean =>
  provider === 'podman' && containers === 'quadlet';

/** What the model needs to know of it. */
export const modelConfigOf = ({ profile, provider, machines = debian13, before }: ProfileOnMachines): ModelConfig => ({
  owner: profile.owner,
  declaration: provided(profile, provider).declaration,
  ...(before !== undefined && { before }),
  versions: profile.versions,
  ...(Object.keys(profile.lacks).length > 0 && { lacks: profile.lacks }),
  traits: {
    ...machines,
    // podman-compose starts conmon inside the unit; with docker compose podman's API service starts it (facts-debian13 F74).
    containersInUnit: provider === 'podman-compose' && machines.podmanStaysInUnit,
    ownUnits: provider === 'podman',
    ...(hasQuadlets(profile, provider) && { quadlets: true }),
    ...(profile.containers === 'oci-containers' && { ownUnitPrefix: ociPrefix }),
    ...(provider === 'podman-compose' && { awaitsEndedJobs: true as const }),
    hasUpdateUnit: profile.updateUnit !== null,
    activatesAtBoot: profile.activatesAtBoot,
    ...(profile.startLimit !== null && { startLimit: profile.startLimit }),
  },
});
