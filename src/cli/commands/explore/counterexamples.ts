import type { Levers } from '../../../../models/host.ts';
import type { Observation } from '../../../../models/observation.ts';
import type { Step } from '../../../../models/operation.ts';
import type { World } from '../../../../models/world.ts';
import type { MetState } from '../../../engine/explore/met.ts';
import type { Explored } from '../../../engine/explore/simulation.ts';
import { stepsOf } from '../../../engine/explore/steps.ts';
import { runSteps } from '../../../engine/run/run.ts';
import { type Explanation, explanationOf } from '../../../engine/shrink/explain.ts';
import { repaired } from '../../../engine/shrink/repair.ts';
import { shrink, thorough } from '../../../engine/shrink/shrink.ts';
import type { Model, Run, Violation } from '../../../engine/types.ts';
import { createSimulator, type ImitatedProfile } from '../../../hosts/simulator/index.ts';
import type { Simulated } from '../../../hosts/simulator/simulation.ts';
import { imitationOf } from '../../imitation.ts';
import { catalogOf } from '../../models.ts';
import { type Chosen, profileOf } from './explored.ts';

/** A broken promise, with a shortest sequence that shows it, run once more. */
export interface Counterexample {
  readonly violation: Violation;
  readonly steps: readonly Step[];
  readonly run: Run<World, Observation>;
  /** The steps with which it was met; not all steps of a recovery may be necessary. */
  readonly original: readonly Step[];
  /** Whether it was met during a recovery. */
  readonly byRecovery: boolean;
  readonly explanation: Explanation;
}

/** What was found, in words. */
export interface Found {
  readonly violated: readonly Counterexample[];
  /** Recoveries that break no promise and do not succeed. */
  readonly stuck: readonly {
    readonly signature: string;
    readonly steps: readonly Step[];
    readonly remedies: readonly Step[];
  }[];
  readonly sick: readonly { readonly signature: string; readonly steps: readonly Step[] }[];
}

/**
 * Turns what was met into sequences of steps, the simplest first. A promise that a recovery breaks is a finding like any other
 * and is shrunk, unless a sequence without a recovery shows the same.
 */
export async function counterexamples(
  explored: Explored<Simulated, World, Observation, Levers>,
  met: readonly MetState[],
  chosen: Chosen,
): Promise<Found> {
  const { setup } = explored.model.start();
  const imitation = imitationOf(profileOf(chosen)) as ImitatedProfile;
  const simulator = createSimulator({ setup, provider: chosen.provider, profile: imitation });
  const catalog = await catalogOf(chosen.models);
  const violated = new Map<string, Counterexample>();
  const stuck: Found['stuck'][number][] = [];
  const sick: Found['sick'][number][] = [];
  const broken = async (all: readonly Step[], signature: string, byRecovery: boolean): Promise<boolean> => {
    // The operations of a recovery need not be among the chosen ones.
    const used = all.flatMap(({ operation }) => {
      const does = catalog.operations.get(operation);
      return does === undefined ? [] : [[operation, does] as const];
    });
    const model = { ...explored.model, operations: new Map([...explored.model.operations, ...used]) };
    const run = await runSteps(model, simulator, all);
    if (run.verdict.kind !== 'violated' || run.verdict.violation.signature !== signature) return false;
    violated.set(signature, { ...(await short(model, simulator, run, signature)), original: all, byRecovery });
    return true;
  };
  // What a recovery meets is reported separately only if nothing shorter shows the same.
  const known = new Set(met.filter(({ kind }) => kind === 'violated').map(({ signature }) => signature));
  for (const { kind, signature, path, remedies } of met) {
    const steps = await stepsOf(explored, path);
    if (kind === 'sick') sick.push({ signature, steps });
    else if (kind === 'violated') {
      if (!(await broken(steps, signature, false)))
        throw new Error(`a run does not show what was explored: ${signature}`);
    } else if (!known.has(signature) && !(await broken([...steps, ...remedies], signature, true)))
      stuck.push({ signature, steps, remedies });
  }
  return { violated: [...violated.values()].sort(directFirst), stuck, sick };
}

const directFirst = (one: Counterexample, other: Counterexample): number =>
  Number(one.byRecovery) - Number(other.byRecovery);

/** The shortest and simplest steps that show the same, and why fewer do not. */
async function short(
  model: Model<World, Observation, Levers>,
  simulator: ReturnType<typeof createSimulator>,
  run: Run<World, Observation>,
  signature: string,
): Promise<Pick<Counterexample, 'violation' | 'steps' | 'run' | 'explanation'>> {
  const attempt = (steps: readonly Step[]) => runSteps(model, simulator, steps, { evidence: false });
  const { best, tried, memory, run: last } = await shrink({ model, signature, run, attempt }, thorough);
  if (last.verdict.kind !== 'violated') throw new Error(`what was shrunk does not show any more: ${signature}`);
  const explanation = explanationOf(best, tried, all => repaired(model, all, memory));
  return { violation: last.verdict.violation, steps: best, run: last, explanation };
}
