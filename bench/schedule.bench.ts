import { join } from 'node:path';
import type { Step } from '../models/operation.ts';
import { loadCatalog, modelOf } from '../src/catalog.ts';
import { exploredOf } from '../src/cli/commands/explore/explored.ts';
import type { ExploredPairs } from '../src/cli/commands/fuzz/exploring.ts';
import { feeders } from '../src/cli/commands/fuzz/stages.ts';
import { simulated } from '../src/cli/machines.ts';
import { targetOf } from '../src/cli/options.ts';
import { packageRoot } from '../src/cli/package.ts';
import { readCorpus } from '../src/corpus/store.ts';
import { expander } from '../src/engine/explore/expand.ts';
import { alone, exploreAll } from '../src/engine/explore/search.ts';
import { stepsOf } from '../src/engine/explore/steps.ts';
import { planned } from '../src/engine/plan/plan.ts';
import { operationsOf, runSteps } from '../src/engine/run/run.ts';
import { slots, stages } from '../src/engine/schedule/slots.ts';
import type { Run } from '../src/engine/types.ts';
import { modelConfigOf } from '../src/profiles/setup.ts';
import { commandSequences } from './fc-sequences.ts';
import { median } from './median.ts';

/**
 * How many operations on a machine it takes until it shows the signatures that an exploration found: with the schedule of a
 * search, with random walks, and with sequences as fc.commands draws them. The simulator is used as the machine; after a lie
 * all of them go on with a fresh one.
 */
const [seeds = 20, depth = 2, most = 600] = process.argv.slice(2).map(Number);
const maxSteps = 30;
const chosen = { profile: 'home-manager', provider: 'docker-compose' } as const;
const machine = targetOf(chosen.profile, chosen.provider);
const model = modelOf(await loadCatalog(), modelConfigOf(machine), 'simulator');
const host = simulated(machine);

const explored = await exploredOf(chosen);
const { standing } = await exploreAll({ depth, crew: alone(expander(explored, { recoverTo: -1 })) });
const found: ExploredPairs[] = [];
for (const { kind, signature, path } of standing.met)
  if (kind === 'violated') found.push({ ...chosen, signature, steps: await stepsOf(explored, path) });
const sought = new Set(found.map(({ signature }) => signature));
const { entries } = await readCorpus(join(packageRoot(), 'corpus'));

type Next = (last: Run<unknown, unknown> | undefined) => Promise<readonly Step[] | null>;
let done = 0;

/** After how many operations each further signature was shown. */
async function shownBy(next: Next): Promise<readonly number[]> {
  const shown = new Set<string>();
  const after: number[] = [];
  let operations = 0;
  let run: Run<unknown, unknown> | undefined;
  while (operations < most && shown.size < sought.size) {
    const steps = await next(run);
    if (steps === null) break;
    run = await runSteps(model, host, steps, { evidence: false });
    operations += operationsOf(run);
    if (run.verdict.kind !== 'violated') continue;
    const { signature } = run.verdict.violation;
    if (!sought.has(signature) || shown.has(signature) || operations > most) continue;
    shown.add(signature);
    after.push(operations);
  }
  done += operations;
  return after;
}

async function bySchedule(seed: number): Promise<readonly number[]> {
  const plan = { seed, from: 0, steps: maxSteps, schedule: stages, beyondKnown: false, reports: {} };
  const tried = { operations: {}, goals: new Set<string>() };
  const walk = async (number: number) => ({ steps: planned(model, seed, number, { maxSteps }) });
  const order = slots(await feeders(model, machine, plan, { entries, explored: found, tried }), walk, 0);
  let index = 0;
  return shownBy(async last => {
    if (last !== undefined) order.judged(index - 1, last as never);
    return (await order.at(index++))?.steps ?? null;
  });
}

const byWalks = (seed: number): Promise<readonly number[]> => {
  let index = 0;
  return shownBy(async () => planned(model, seed, index++, { maxSteps }));
};

const byCommands = (seed: number): Promise<readonly number[]> => {
  const sequences = [...commandSequences(model, seed, most, maxSteps)];
  return shownBy(async () => sequences.shift() ?? null);
};

const begun = process.cpuUsage();
const ways = { schedule: bySchedule, walks: byWalks, 'fc.commands': byCommands };
const results: Record<string, (readonly number[])[]> = {};
for (const [way, show] of Object.entries(ways)) {
  results[way] = [];
  for (let seed = 1; seed <= seeds; seed++) results[way].push(await show(seed));
}
const { user, system } = process.cpuUsage(begun);
console.log(
  `${chosen.profile} with ${chosen.provider}: ${sought.size} signatures to depth ${depth}; ${seeds} seeds, at most ${most} operations, medians`,
);
for (const [way, all] of Object.entries(results)) {
  const shown = median(all.map(one => one.length));
  const operations = median(all.map(one => one.at(-1) ?? 0));
  // How many operations the schedule of the same seed needs for as many signatures.
  const share = all.flatMap((one, at) => {
    const same = results.schedule?.[at]?.[one.length - 1];
    return same === undefined || one.length === 0 ? [] : [same / (one.at(-1) as number)];
  });
  const compared =
    way === 'schedule' || share.length === 0
      ? ''
      : `; the schedule takes ${median(share).toFixed(2)} of that for as many`;
  console.log(`  ${way.padEnd(12)} ${shown} shown, the last after ${operations} operations${compared}`);
}
console.log(`${Math.round(done / ((user + system) / 1e6))} operations a second of processor time`);
