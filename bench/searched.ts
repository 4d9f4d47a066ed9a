import type { Levers } from '../models/host.ts';
import type { Observation } from '../models/observation.ts';
import type { World } from '../models/world.ts';
import { planned } from '../src/engine/plan/plan.ts';
import { operationsOf, runSteps } from '../src/engine/run/run.ts';
import type { Machine, Model } from '../src/engine/types.ts';
import type { Deployment } from '../src/hosts/deployment.ts';
import { labMachines } from '../src/hosts/lab/lab-machines.ts';
import { realHost, type TimeSpent } from '../src/hosts/real/real.ts';
import { median } from './median.ts';

/** How fast a search was, and a table of what its time was spent on. */
export interface TimedSearch {
  readonly perSecond: number;
  readonly operations: number;
  readonly table: string;
}

/** The name of a part of the time in the table; rebuilds are counted apart from other levers. */
const named = (what: TimeSpent, title: string): string =>
  what !== 'lever' ? what : /^rebuild/.test(title) ? 'lever: rebuild' : title === 'reboot' ? title : 'lever: other';

/** The plans of a search on some machines at the same time, for so many seconds. */
export async function timedSearch(
  model: Model<World, Observation, Levers>,
  deployment: Deployment,
  count: number,
  seconds: number,
): Promise<TimedSearch> {
  const machines = await labMachines(deployment, { ahead: count + 1, atOnce: count });
  const spent = new Map<string, number[]>();
  const onSpent = (what: TimeSpent, milliseconds: number, title: string): void => {
    const name = named(what, title);
    spent.set(name, [...(spent.get(name) ?? []), milliseconds]);
  };
  const shared = { ...machines, close: async () => {} };
  const hosts = Array.from({ length: count }, () => realHost({ ...deployment, machines: shared, onSpent }));
  try {
    await Promise.all(hosts.map(host => host.reset()));
    spent.clear();
    const begun = performance.now();
    const operations = await doneUntil(AbortSignal.timeout(seconds * 1000), model, hosts);
    const took = performance.now() - begun;
    return { perSecond: (operations * 1000) / took, operations, table: tableOf(spent, took * count) };
  } finally {
    await Promise.all(hosts.map(host => host.close()));
    await machines.close();
  }
}

/**
 * The plans of a search, on these machines at the same time: how many operations all of them did until the signal. It is checked
 * between two operations, so the last plan of each machine is not completed; what was done of it counts.
 */
export async function doneUntil<W, S, H>(
  signal: AbortSignal,
  model: Model<W, S, H>,
  hosts: readonly (Machine<S> & H)[],
): Promise<number> {
  let next = 0;
  const counts = hosts.map(async host => {
    let operations = 0;
    while (!signal.aborted) {
      const run = await runSteps(model, host, planned(model, 7, next++, { maxSteps: 30 }), { evidence: false, signal });
      operations += operationsOf(run);
    }
    return operations;
  });
  // One sum at the end: `sum += await …` in each of them would add to what the sum was before the wait.
  return (await Promise.all(counts)).reduce((one, other) => one + other, 0);
}

function tableOf(spent: ReadonlyMap<string, readonly number[]>, whole: number): string {
  const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);
  return [...spent]
    .sort(([, one], [, other]) => sum(other) - sum(one))
    .map(([name, times]) => {
      const share = `${((100 * sum(times)) / whole).toFixed(0)} %`.padStart(5);
      return `  ${name.padEnd(15)}${share}  ${String(times.length).padStart(4)} times, median ${Math.round(median(times))} ms, longest ${Math.round(Math.max(...times))} ms`;
    })
    .join('\n');
}
