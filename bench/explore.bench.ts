import type { Step } from '../models/operation.ts';
import { exploredOf } from '../src/cli/commands/explore/explored.ts';
import { enabledIn } from '../src/engine/explore/enabled.ts';
import { expander } from '../src/engine/explore/expand.ts';
import { alone, search } from '../src/engine/explore/search.ts';
import { started, taken } from '../src/engine/explore/transition.ts';
import { runSteps } from '../src/engine/run/run.ts';
import { toyExplored } from '../src/engine/toy/simulation.ts';
import { createSimulator } from '../src/hosts/simulator/index.ts';

/**
 * How fast an exploration goes, on one core, with every promise asked: states forked, against the same sequences done from a
 * reset each. Side by side in one run, in processor time, since a computer that others use is slower for both.
 */
const states = Number(process.argv[2] ?? 40);
const depth = Number(process.argv[3] ?? 5);

const seconds = async (work: () => Promise<number>): Promise<{ count: number; perSecond: number }> => {
  const begun = process.cpuUsage();
  const count = await work();
  const { user, system } = process.cpuUsage(begun);
  return { count, perSecond: count / ((user + system) / 1e6) };
};

const round = (rate: number): string => Math.round(rate).toLocaleString('en-US');

for (const profile of ['home-manager', 'hardened'] as const) {
  const explored = await exploredOf({ profile, provider: 'docker-compose' });
  const { setup } = explored.model.start();
  const start = started(explored);
  const first = enabledIn(explored.model, start.world);
  const every = Math.max(1, Math.floor(first.length / states));
  const paths = first.map((_, place) => place).filter(place => place % every === 0);
  const held: number[] = [];
  for (const place of paths) {
    const step = first[place] as (typeof first)[number];
    if ((await taken(explored, start, step, step.does)).kind === 'held') held.push(place);
  }
  const forking = expander(explored, { recoverTo: -1 });
  const from = held.map(place => ({ path: [place], cost: 0 }));
  await forking.expand(from.slice(0, 2), 0);
  const forked = await seconds(async () => (await forking.expand(from, 0)).transitions);

  const simulator = createSimulator({ setup, provider: 'docker-compose', profile });
  const replayed = await seconds(async () => {
    let count = 0;
    for (const place of held.filter((_, index) => index % 5 === 0)) {
      const { operation, args } = first[place] as (typeof first)[number];
      const one: Step = { operation, args };
      const run = await runSteps(explored.model, simulator, [one], { evidence: false });
      for (const step of enabledIn(explored.model, run.history[0]?.after ?? start.world)) {
        const two: Step = { operation: step.operation, args: step.args };
        await runSteps(explored.model, simulator, [one, two], { evidence: false });
        count++;
      }
    }
    return count;
  });
  console.log(
    `${profile}: ${round(forked.perSecond)} transitions a second of processor time, forked; ${round(replayed.perSecond)} replayed; ${(forked.perSecond / replayed.perSecond).toFixed(1)} x (${forked.count} transitions)`,
  );
}

await search({ depth: 3, crew: alone(expander(toyExplored(), { recoverTo: -1 })) });
const toy = await seconds(async () => {
  const { standing } = await search({ depth, crew: alone(expander(toyExplored(), { recoverTo: -1 })) });
  return standing.levels.reduce((sum, { transitions }) => sum + transitions, 0);
});
console.log(`toy: ${round(toy.perSecond)} transitions a second of processor time (${toy.count} to depth ${depth})`);
