import type { Step } from '../models/operation.ts';
import { exploredOf } from '../src/cli/commands/explore/explored.ts';
import { enabledIn } from '../src/engine/explore/enabled.ts';
import { expander } from '../src/engine/explore/expand.ts';
import { alone, exploreAll, usualBatch } from '../src/engine/explore/search.ts';
import type { Explored } from '../src/engine/explore/simulation.ts';
import { startState, taken } from '../src/engine/explore/transition.ts';
import { runSteps } from '../src/engine/run/run.ts';
import { toy } from '../src/engine/toy/machine.ts';
import { toyModel } from '../src/engine/toy/model.ts';
import { toyExplored } from '../src/engine/toy/simulation.ts';
import { createSimulator } from '../src/hosts/simulator/index.ts';

/**
 * How fast an exploration is, on one core, with every promise checked: states that are forked, beside the same sequences, each
 * done from a reset; and how long depth 2 takes, with every recovery. Side by side in one run, in processor time, since a busy
 * computer is slower for both. Rates of forked states are those of warm code: the same was done once before.
 */
const states = Number(process.argv[2] ?? 40);
const depth = Number(process.argv[3] ?? 5);
/** In a short round depth 2 is done with a few operations only. */
const operations = process.argv[4]?.split(',');

interface Measured {
  readonly count: number;
  readonly seconds: number;
  readonly perSecond: number;
}

const seconds = async (work: () => Promise<number>): Promise<Measured> => {
  const begun = process.cpuUsage();
  const count = await work();
  const { user, system } = process.cpuUsage(begun);
  const seconds = (user + system) / 1e6;
  return { count, seconds, perSecond: count / seconds };
};

const replayedToy = toy();

const round = (rate: number): string => Math.round(rate).toLocaleString('en-US');

for (const profile of ['home-manager', 'hardened'] as const) {
  const whole = await exploredOf({ profile, provider: 'docker-compose' });
  const { setup } = whole.model.start();
  const start = startState(whole);
  const first = enabledIn(whole.model, start.world);
  const every = Math.max(1, Math.floor(first.length / states));
  const paths = first.map((_, place) => place).filter(place => place % every === 0);
  const held: number[] = [];
  for (const place of paths) {
    const step = first[place] as (typeof first)[number];
    if ((await taken(whole, start, step, step.does)).kind === 'held') held.push(place);
  }
  const forking = async () => {
    const { expand } = expander(whole, { recoverTo: -1 });
    let count = 0;
    for (let at = 0; at < held.length; at += usualBatch) {
      const batch = held.slice(at, at + usualBatch).map(place => ({ path: [place], cost: 0 }));
      count += (await expand(batch, 0)).transitions;
    }
    return count;
  };
  await forking();
  const forked = await seconds(forking);

  const simulator = createSimulator({ setup, provider: 'docker-compose', profile });
  const replayed = await seconds(async () => {
    let count = 0;
    for (const place of held.filter((_, index) => index % 5 === 0)) {
      const { operation, args } = first[place] as (typeof first)[number];
      const one: Step = { operation, args };
      const run = await runSteps(whole.model, simulator, [one], { evidence: false });
      for (const step of enabledIn(whole.model, run.history[0]?.after ?? start.world)) {
        const two: Step = { operation: step.operation, args: step.args };
        await runSteps(whole.model, simulator, [one, two], { evidence: false });
        count++;
      }
    }
    return count;
  });
  const chosen = { profile, provider: 'docker-compose', ...(operations && { operations }) } as const;
  const two = await explored(await exploredOf(chosen), 2, 2);
  console.log(
    `${profile}: ${round(forked.perSecond)} transitions a second of processor time, forked; ${round(replayed.perSecond)} replayed; ${(forked.perSecond / replayed.perSecond).toFixed(1)} x (${forked.count} transitions)`,
  );
  console.log(
    `${profile}: depth 2${operations ? ' of a few operations' : ''} in ${two.seconds.toFixed(1)} s of processor time, with recoveries; replayed, its ${two.count} transitions alone would take ${(two.count / replayed.perSecond).toFixed(1)} s`,
  );
}

await explored(toyExplored(), depth, -1);
const toyForked = await explored(toyExplored(), depth, -1);
const toyReplayed = await seconds(() => everySequence([], toyModel.start(), Math.min(depth, 3)));
console.log(
  `toy: ${round(toyForked.perSecond)} transitions a second of processor time, forked (${toyForked.count} to depth ${depth}); ${round(toyReplayed.perSecond)} replayed; ${(toyForked.perSecond / toyReplayed.perSecond).toFixed(1)} x`,
);

/** An exploration on one thread. */
function explored<M, W, S, H>(what: Explored<M, W, S, H>, to: number, recoverTo: number): Promise<Measured> {
  return seconds(async () => {
    const { standing } = await exploreAll({ depth: to, crew: alone(expander(what, { recoverTo })) });
    return standing.levels.reduce((sum, { transitions }) => sum + transitions, 0);
  });
}

/** Does every sequence on a toy that is reset for each; returns how many there were. */
async function everySequence(steps: readonly Step[], world: ReturnType<typeof toyModel.start>, to: number) {
  let count = 0;
  for (const { operation, args } of enabledIn(toyModel, world)) {
    const all = [...steps, { operation, args }];
    const run = await runSteps(toyModel, replayedToy, all, { evidence: false });
    count++;
    const after = run.history.at(-1)?.after;
    if (all.length < to && after !== undefined) count += await everySequence(all, after, to);
  }
  return count;
}
