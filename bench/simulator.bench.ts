import type { Step } from '../models/operation.ts';
import { loadCatalog, modelOf } from '../src/catalog.ts';
import { planned } from '../src/engine/plan/plan.ts';
import { operationsOf, runSteps } from '../src/engine/run/run.ts';
import { createSimulator } from '../src/hosts/simulator/index.ts';
import { loadProfile } from '../src/profiles/profile.ts';
import { modelConfigOf } from '../src/profiles/setup.ts';
import { median } from './median.ts';

/**
 * How fast the whole loop is on the simulator, on one core: precondition, operation, observation, model, every invariant,
 * comparison. Beside it, in the same run, the operations alone: the difference is the cost of the promises.
 */
const [rounds = 5, runs = 1000] = process.argv.slice(2).map(Number);

const profile = loadProfile('home-manager');
const setup = modelConfigOf({ profile, provider: 'docker-compose' });
// Without the operations that only a lab machine can do.
const model = modelOf(await loadCatalog(), setup, 'simulator');
const simulator = createSimulator({ setup, provider: 'docker-compose' });
const plans: (readonly Step[])[] = [];
for (let index = 0; index < runs; index++) plans.push(await withoutLies(planned(model, 1, index, { maxSteps: 30 })));

/** A plan without the steps at which this profile is known to lie: the time of a run that ends early is mostly its reset. */
async function withoutLies(plan: readonly Step[]): Promise<readonly Step[]> {
  let steps = plan;
  for (;;) {
    const { verdict } = await runSteps(model, simulator, steps, { evidence: false });
    if (verdict.kind !== 'violated') return steps;
    const culprit = verdict.violation.at;
    steps = steps.filter((_, at) => at !== culprit);
  }
}

/** Runs each plan with all looks and checks; returns the number of operations. */
async function judged(): Promise<number> {
  let operations = 0;
  for (const steps of plans) operations += operationsOf(await runSteps(model, simulator, steps, { evidence: false }));
  return operations;
}

/** Runs the same operations, and nothing else. */
async function bare(): Promise<void> {
  for (const steps of plans) {
    let world = model.start();
    await simulator.reset();
    for (const { operation: name, args } of steps) {
      const operation = model.operations.get(name);
      if (!operation?.allowed(world, args)) continue;
      world = operation.expected(world, args, await operation.apply(simulator, args, world));
    }
  }
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1e6;
};

const rates: number[] = [];
const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  let operations = 0;
  const all = await seconds(async () => {
    operations = await judged();
  });
  const alone = await seconds(() => bare());
  rates.push(operations / all);
  ratios.push(all / alone);
}
console.log(`simulator: ${Math.round(median(rates))} operations a second of processor time, everything looked at`);
console.log(`  ${median(ratios).toFixed(2)} x the time of the operations alone (median of ${rounds} rounds)`);
