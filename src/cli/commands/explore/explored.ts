import { closestMatch } from 'leven';
import type { Levers } from '../../../../models/host.ts';
import type { Declaration } from '../../../../models/machine/declaration.ts';
import type { Provider } from '../../../../models/machine/traits.ts';
import type { Observation } from '../../../../models/observation.ts';
import { currentName } from '../../../../models/operation.ts';
import { interesting } from '../../../../models/search/interesting.ts';
import { nextRecoveryStep, type RecoveryStep, recoveryOperations } from '../../../../models/search/recovery.ts';
import type { World } from '../../../../models/world.ts';
import { modelOf } from '../../../catalog.ts';
import type { Explored, Remedy } from '../../../engine/explore/simulation.ts';
import type { ImitatedProfile } from '../../../hosts/simulator/index.ts';
import { type Simulated, simulation } from '../../../hosts/simulator/simulation.ts';
import { Problem } from '../../../problem.ts';
import { loadProfile } from '../../../profiles/profile.ts';
import { modelConfigOf } from '../../../profiles/setup.ts';
import type { Profile } from '../../../profiles/types.ts';
import { imitationOf } from '../../imitation.ts';
import { catalogOf } from '../../models.ts';

/** What is explored, as data that can be sent to a thread. */
export interface Chosen {
  /** The name of the profile. */
  readonly profile: string;
  /** Its folder, where it is not a shipped one. */
  readonly folder?: string;
  readonly provider: Provider;
  /** Folders with the user's own models. */
  readonly models?: readonly string[];
  /** Names of the operations; absent for all that the simulator can do. */
  readonly operations?: readonly string[];
  /** Compose files of one's own, absolute, in place of the profile's stacks. */
  readonly composeFiles?: readonly string[];
  /** How many of the stacks; all of them where absent. */
  readonly stacks?: number;
}

/** The profile that was chosen. */
export const profileOf = ({
  folder,
  profile,
  composeFiles,
}: Pick<Chosen, 'folder' | 'profile' | 'composeFiles'>): Profile => loadProfile(folder ?? profile, composeFiles);

/** The model and the simulated machines of a choice. @throws Problem for a name or number that does not exist. */
export async function exploredOf(chosen: Chosen): Promise<Explored<Simulated, World, Observation, Levers>> {
  const { provider } = chosen;
  const profile = profileOf(chosen);
  const setup = modelConfigOf({
    profile: { ...profile, declaration: cut(profile.declaration, chosen.stacks) },
    provider,
  });
  const catalog = await catalogOf(chosen.models);
  const whole = modelOf(catalog, setup, 'simulator');
  const wanted = chosen.operations?.map(name =>
    mustBe(currentName(catalog.operations, name), [...catalog.operations.keys()], [...whole.operations.keys()]),
  );
  const operations = new Map([...whole.operations].filter(([name]) => wanted?.includes(name) ?? true));
  const remedied = ({ operation, args }: RecoveryStep): Remedy<World, Levers> => {
    const does = whole.operations.get(operation);
    if (does === undefined) throw new Error(`a recovery needs the operation ${operation}, which is not there`);
    return { operation, args, does };
  };
  const canRecover = recoveryOperations.every(name => whole.operations.has(name));
  return {
    model: { ...whole, operations },
    simulation: simulation({ setup, provider, profile: imitationOf(profile) as ImitatedProfile }),
    interesting,
    ...(canRecover && {
      recovery: {
        remedy: (world: World) => {
          const next = nextRecoveryStep(world);
          return next === null ? null : remedied(next);
        },
        last: () => remedied({ operation: 'rebuild', args: {} }),
      },
    }),
  };
}

function cut(declaration: Declaration, stacks: number | undefined): Declaration {
  const all = Object.entries(declaration.stacks);
  if (stacks === undefined) return declaration;
  if (stacks <= all.length) return { ...declaration, stacks: Object.fromEntries(all.slice(0, stacks)) };
  throw new Problem({
    expected: `at most the ${all.length} stacks that the profile declares`,
    found: String(stacks),
    where: '--stacks',
    next: `Take ${all.length} or fewer, or leave it out.`,
  });
}

function mustBe(name: string, all: readonly string[], simulated: readonly string[]): string {
  if (simulated.includes(name)) return name;
  const isLabOnly = all.includes(name);
  const near = closestMatch(name, simulated);
  throw new Problem({
    expected: isLabOnly ? 'operations that a simulated machine does' : 'names of operations',
    found: isLabOnly ? `${name}, which only a lab machine does` : name,
    where: '--operations',
    next: isLabOnly
      ? 'Leave it out.'
      : `Did you mean ${near ?? simulated[0]}? stackfuzz list operations shows them all.`,
  });
}
