/**
 * How soon a random search on lab machines meets each lie of a profile: for every seed, each violation with the number of
 * operations done until then. It is not part of `npm run bench`, since it takes hours; docs/defects.md is made from its results
 * (table.ts).
 * usage: node dist/bench/defects/survey.js PROFILE PROVIDER SUITE SEEDS OPERATIONS      (SEEDS: 1-5, or 3)
 */
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { planned } from '../../src/engine/plan/plan.ts';
import { operationsOf, runSteps } from '../../src/engine/run/run.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { add, type Met, type Surveyed } from './results.ts';

const maxSteps = 30;
const [profile = 'home-manager', provider = 'docker-compose', suite = 'trixie', seeds = '1-5', bound = '150'] =
  process.argv.slice(2);
const [first, last = first] = seeds.split('-').map(Number) as [number, number?];
const chosen = targetOf(profile, provider, suite);
const deployment = deploymentOf(chosen);
const model = modelOf(await loadCatalog(), modelConfigOf(chosen));
const host = realHost({ ...deployment, machines: await labMachines(deployment, { suite: chosen.suite }) });

/** The search of one seed: it goes on after each violation, as a session does, until it has done its operations. */
async function searched(seed: number): Promise<Surveyed> {
  const met: Met[] = [];
  let operations = 0;
  let inconclusive = 0;
  for (let index = 0; operations < Number(bound); index++) {
    const steps = planned(model, seed, index, { maxSteps });
    const { verdict, taken } = await runSteps(model, host, steps, { evidence: false });
    operations += operationsOf({ taken });
    if (verdict.kind === 'inconclusive') inconclusive++;
    if (verdict.kind !== 'violated') continue;
    const { invariant, signature, details } = verdict.violation;
    const done = taken.filter(({ skipped }) => !skipped).map(({ step }) => [step.operation, step.args] as const);
    met.push({ operations, invariant, signature, details: details.slice(0, 3), steps: done });
    console.log(`seed ${seed}, operation ${operations}: ${signature}`);
  }
  return { profile, provider, suite, seed, operations, inconclusive, met };
}

try {
  for (let seed = first; seed <= last; seed++) add(await searched(seed));
} finally {
  await host.close();
}
