import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Claim, Levers } from '../../models/host.ts';
import { alike, type Observation } from '../../models/observation.ts';
import type { Step } from '../../models/operation.ts';
import { textScribe } from '../../models/search/state-writer.ts';
import type { World } from '../../models/world.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { hashScribe } from '../../src/engine/explore/hash.ts';
import { runSteps } from '../../src/engine/run/run.ts';
import type { Model } from '../../src/engine/types.ts';
import { createSimulator, imitatedProfiles } from '../../src/hosts/simulator/index.ts';
import { type MachineSimulation, type Simulated, simulation } from '../../src/hosts/simulator/simulation.ts';
import { loadProfile } from '../../src/profiles/profile.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';

const catalog = await loadCatalog();

interface State {
  readonly world: World;
  readonly it: Simulated;
  readonly seen: Observation;
  readonly claim?: Claim;
}

/** A profile's model and its simulated machines, with what tests do with both. */
function together(profile: (typeof imitatedProfiles)[number], provider: 'docker-compose' | 'podman-compose') {
  const setup = modelConfigOf({ profile: loadProfile(profile), provider });
  const model: Model<World, Observation, Levers> = modelOf(catalog, setup, 'simulator');
  const simulated: MachineSimulation = simulation({ setup, provider, profile });
  const start = (): State => {
    const it = simulated.start();
    return { world: model.start(), it, seen: simulated.observe(it) };
  };
  const after = ({ world, it }: State, { operation: name, args }: Step): State => {
    const operation = model.operations.get(name);
    if (operation === undefined) throw new Error(`no operation ${name}`);
    const next = simulated.fork(it);
    const claim = operation.apply(simulated.levers(next), args, world) as unknown as Claim;
    const seen = simulated.observe(next);
    return { world: operation.expected(world, args, claim), it: next, seen, claim };
  };
  const text = ({ world, it }: State, rollbacks: number): string => {
    const scribe = textScribe();
    simulated.write(world, it, rollbacks, scribe);
    return scribe.text();
  };
  const enabled = ({ world }: State): readonly Step[] =>
    [...model.operations].flatMap(([operation, { choices }]) => choices(world).map(args => ({ operation, args })));
  return { model, simulated, start, after, text, enabled, setup };
}

const draws = fc.noShrink(fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })));
type Draw = () => number;
const drawing =
  (stream: Iterator<number>): Draw =>
  () =>
    stream.next().value as number;

function some({ model }: ReturnType<typeof together>, { world }: State, draw: Draw): Step {
  const names = [...model.operations.keys()];
  for (;;) {
    const operation = names[Math.floor(draw() * names.length)] as string;
    const choices = model.operations.get(operation)?.choices(world) ?? [];
    const args = choices[Math.floor(draw() * choices.length)];
    if (args !== undefined) return { operation, args };
  }
}

const subjects = imitatedProfiles.flatMap(profile =>
  (['docker-compose', 'podman-compose'] as const).map(provider => [profile, provider] as const),
);

describe.each(subjects)('%s, %s', (profile, provider) => {
  const pair = together(profile, provider);

  test('a fork goes its own way, and shows what a machine shows that was led there', async () => {
    const host = createSimulator({ setup: pair.setup, provider, profile });
    await fc.assert(
      fc.asyncProperty(draws, async stream => {
        const draw = drawing(stream);
        let state = pair.start();
        const steps: Step[] = [];
        for (let length = 0; length < 8; length++) {
          const step = some(pair, state, draw);
          const before = pair.text(state, 9);
          // Whatever else is done to forks of it.
          for (let other = 0; other < 3; other++) pair.after(pair.after(state, some(pair, state, draw)), step);
          expect(pair.text(state, 9)).toBe(before);
          state = pair.after(state, step);
          steps.push(step);
        }
        const everything = { ...pair.model, invariants: new Map(), alike: () => true };
        const run = await runSteps(everything, host, steps, { evidence: false });
        expect(run.seen).toEqual(state.seen);
        expect(run.taken.at(-1)?.claim).toEqual(state.claim);
      }),
      { seed: 1, numRuns: 10 },
    );
  });

  test('a fork shares what a step did not touch', () => {
    const before = pair.start();
    const step = (operation: string): Step => {
      const found = pair.enabled(before).find(one => one.operation === operation);
      if (found === undefined) throw new Error(`no ${operation}`);
      return found;
    };
    const { machine: was } = before.it;
    const { machine: drifted } = pair.after(before, step('add-drop-in')).it;
    expect(drifted.containers).toBe(was.containers);
    expect(drifted.disk).not.toBe(was.disk);
    const { machine: stopped } = pair.after(before, step('stop-container')).it;
    const same = stopped.containers.filter((container, at) => container === was.containers[at]);
    expect(same).toHaveLength(was.containers.length - 1);
    expect(stopped.manager?.units).toBe(was.manager?.units);
  });

  test('what is taken down alike does the same, and shows the same', () => {
    let compared = 0;
    const scribe = hashScribe();
    const hashes = new Map<string, string>();
    const texts = new Map<string, string>();
    fc.assert(
      fc.property(draws, stream => {
        const draw = drawing(stream);
        let state = pair.start();
        for (let length = Math.floor(draw() * 4); length > 0; length--)
          state = pair.after(state, some(pair, state, draw));
        const [one, other] = [some(pair, state, draw), some(pair, state, draw)];
        const ways = [
          [one, other],
          [other, one],
        ].flatMap(([first, then]) => {
          const between = pair.after(state, first as Step);
          const { operation, args } = then as Step;
          return pair.model.operations.get(operation)?.allowed(between.world, args)
            ? [pair.after(between, then as Step)]
            : [];
        });
        const [here, there] = ways;
        if (here === undefined || there === undefined) return;
        const rollbacks = 1 + Math.floor(draw() * 3);
        const text = pair.text(here, rollbacks);
        scribe.begin();
        pair.simulated.write(here.world, here.it, rollbacks, scribe);
        const hash = `${scribe.high()} ${scribe.low()}`;
        expect(hashes.get(hash) ?? text).toBe(text);
        hashes.set(hash, text);
        // Parts that were hashed for another state have the same hash.
        expect(texts.get(text) ?? hash).toBe(hash);
        texts.set(text, hash);
        const anew = hashScribe();
        anew.begin();
        pair.simulated.write(here.world, here.it, rollbacks, anew);
        expect(`${anew.high()} ${anew.low()}`).toBe(hash);
        if (text !== pair.text(there, rollbacks)) return;
        compared++;
        const steps = pair.enabled(here).filter((_, index) => (index + compared) % 11 === 0);
        for (const step of steps) {
          const { operation, args } = step;
          expect(pair.model.operations.get(operation)?.allowed(there.world, args), JSON.stringify(step)).toBe(true);
          const [mine, theirs] = [pair.after(here, step), pair.after(there, step)];
          expect([theirs.claim?.ok, theirs.claim?.status], JSON.stringify(step)).toEqual([
            mine.claim?.ok,
            mine.claim?.status,
          ]);
          expect(restarts(theirs.seen), JSON.stringify(step)).toEqual(restarts(mine.seen));
          expect(
            apart(pair.text(theirs, rollbacks - 1), pair.text(mine, rollbacks - 1)),
            JSON.stringify(step),
          ).toBeNull();
          expect(alike(pair.model.expectedObservation(mine.world), mine.seen)).toBe(
            alike(pair.model.expectedObservation(theirs.world), theirs.seen),
          );
        }
      }),
      { seed: 2, numRuns: 90 },
    );
    expect(compared).toBeGreaterThan(5);
  });
});

/** Where two long texts begin to differ. */
function apart(one: string, other: string): string | null {
  if (one === other) return null;
  let at = 0;
  while (one[at] === other[at]) at++;
  const [mine, theirs] = [one, other].map(text => text.slice(Math.max(at - 120, 0), at + 60));
  return `${mine}\n${theirs}`;
}

/** What an observation says of what was started, without numbers of revisions. */
const restarts = ({ manager, units, containers, files }: Observation) => ({
  manager,
  units: Object.entries(units).map(([name, { revision: _, ...unit }]) => [name, unit]),
  containers: Object.entries(containers)
    .map(([name, { instance: _, ...container }]) => [name, container])
    .sort(),
  files: Object.entries(files).map(([path, { kind }]) => [path, kind]),
});
