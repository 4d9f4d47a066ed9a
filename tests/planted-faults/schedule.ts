import { fileURLToPath } from 'node:url';
import type { Provider } from '../../models/machine/traits.ts';
import type { Step } from '../../models/operation.ts';
import { readCorpus } from '../../src/corpus/store.ts';
import { operationsOf, runSteps } from '../../src/engine/run/run.ts';
import { slots, stages } from '../../src/engine/schedule/slots.ts';
import { scheduled } from '../../src/engine/schedule/stages.ts';
import { createSimulator } from '../../src/hosts/simulator/index.ts';
import { type First, faulty, modelFor } from './faulty.ts';
import type { PlantedFault } from './planted.ts';

const maxSteps = 30;
const { entries } = await readCorpus(fileURLToPath(new URL('../../corpus', import.meta.url)));
const suspects = entries.map(({ entry }) => ({ steps: entry.steps })).filter(({ steps }) => steps.length > 0);

/**
 * The first finding of a search of so many operations on a simulated machine; undefined if there is none. It uses the schedule
 * of `stackfuzz fuzz`; its suspects are those of the corpus only.
 */
export async function searched(
  fault: Pick<PlantedFault, 'edits'>,
  provider: Provider,
  seed: number,
  operations: number,
): Promise<First | undefined> {
  const { createSimulator: createFaulty } = await faulty(fault);
  const { model, setup } = await modelFor(provider);
  const machine = createFaulty({ setup, provider, profile: 'hardened' });
  let spent = 0;
  for (const steps of await plansOf(provider, seed, operations)) {
    const run = await runSteps(model, machine, steps, { evidence: false });
    spent += operationsOf(run);
    if (spent > operations) return undefined;
    if (run.verdict.kind !== 'violated') continue;
    const { invariant, details } = run.verdict.violation;
    return { operations: spent, invariant, says: details[0] ?? '' };
  }
  return undefined;
}

const known = new Map<string, Promise<readonly (readonly Step[])[]>>();

/** The plans of a search on a machine without a fault: until the fault shows, a faulty machine does the same. */
function plansOf(provider: Provider, seed: number, operations: number): Promise<readonly (readonly Step[])[]> {
  const key = `${provider} ${seed} ${operations}`;
  const plans = known.get(key) ?? planned(provider, seed, operations);
  known.set(key, plans);
  return plans;
}

async function planned(provider: Provider, seed: number, operations: number): Promise<readonly (readonly Step[])[]> {
  const { model, setup } = await modelFor(provider);
  const machine = createSimulator({ setup, provider, profile: 'hardened' });
  const order = slots(scheduled(stages, suspects, { model, seed, steps: maxSteps }), null, 0);
  const plans: (readonly Step[])[] = [];
  for (let spent = 0; spent < operations; ) {
    const slot = await order.at(plans.length);
    if (slot === null) break;
    const run = await runSteps(model, machine, slot.steps, { evidence: false });
    order.judged(plans.length, run);
    plans.push(slot.steps);
    spent += operationsOf(run);
  }
  return plans;
}
