import type { Levers } from '../../models/host.ts';
import type { Provider } from '../../models/machine/traits.ts';
import type { Observation } from '../../models/observation.ts';
import type { Step } from '../../models/operation.ts';
import type { World } from '../../models/world.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { targetOf } from '../../src/cli/options.ts';
import { expander } from '../../src/engine/explore/expand.ts';
import { alone, exploreAll } from '../../src/engine/explore/search.ts';
import type { Explored } from '../../src/engine/explore/simulation.ts';
import { stepsOf } from '../../src/engine/explore/steps.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import type { PlantedFault } from './planted.ts';
import { editedBy } from './plugin.ts';

type Simulators = typeof import('../../src/hosts/simulator/index.ts') &
  typeof import('../../src/hosts/simulator/simulation.ts');

/** The simulator, with a fault in its imitation of `hardened`. */
export async function faulty({ edits }: Pick<PlantedFault, 'edits'>): Promise<Simulators> {
  const inSimulator = edits.filter(({ file }) => file.startsWith('src/hosts/simulator/'));
  const [one, other] = await Promise.all(
    ['index.ts', 'simulation.ts'].map(file => import(editedBy(file, inSimulator)) as Promise<object>),
  );
  return { ...one, ...other } as Simulators;
}

/** The model of `hardened` on simulated machines. */
export async function modelFor(provider: Provider) {
  const setup = modelConfigOf(targetOf('hardened', provider));
  return { setup, model: modelOf(await loadCatalog(), setup, 'simulator') };
}

/** The first finding, and after how many operations. */
export interface First {
  readonly operations: number;
  readonly invariant: string;
  readonly says: string;
}

/** The result of an exploration that ends with the first finding. */
export interface Explorations {
  readonly first: First | undefined;
  /** The steps of the simplest finding; undefined if there is none. */
  readonly steps: readonly Step[] | undefined;
  /** All operations that were done. */
  readonly operations: number;
}

/** Explores until something is found, or up to a depth; with all operations, or with some. */
export async function exploredFaulty(
  fault: Pick<PlantedFault, 'edits'>,
  provider: Provider,
  depth: number,
  { only }: { readonly only?: readonly string[] } = {},
): Promise<Explorations> {
  const { simulation } = await faulty(fault);
  const { setup, model } = await modelFor(provider);
  let operations = 0;
  let first: First | undefined;
  const counted = [...model.operations]
    .filter(([name]) => only?.includes(name) ?? true)
    .map(([name, operation]) => {
      const apply: typeof operation.apply = (...given) => {
        operations++;
        return operation.apply(...given);
      };
      return [name, { ...operation, apply }] as const;
    });
  const heard = [...model.invariants].map(([name, invariant]) => {
    const broken: typeof invariant.broken = (...given) => {
      const details = invariant.broken(...given);
      if (details[0] !== undefined) first ??= { operations, invariant: name, says: details[0] };
      return details;
    };
    return [name, { ...invariant, broken }] as const;
  });
  const machines = {
    model: { ...model, operations: new Map(counted), invariants: new Map(heard) },
    simulation: simulation({ setup, provider, profile: 'hardened' }),
  } as unknown as Explored<unknown, World, Observation, Levers>;
  const found = new AbortController();
  const { standing } = await exploreAll({
    depth,
    crew: alone(expander(machines, { recoverTo: -1 })),
    signal: found.signal,
    onProgress: ({ met }) => void (met.length > 0 && found.abort()),
  });
  const all = operations;
  const [met] = standing.met;
  return { first, operations: all, steps: met && (await stepsOf(machines, met.path)) };
}
