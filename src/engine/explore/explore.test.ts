import { describe, expect, test } from 'vitest';
import { Unstarted } from '../../../models/host.ts';
import type { Step } from '../../../models/operation.ts';
import { textScribe } from '../../../models/search/state-writer.ts';
import { runSteps } from '../run/run.ts';
import { type Faults, toy } from '../toy/machine.ts';
import { toyModel } from '../toy/model.ts';
import { toyExplored } from '../toy/simulation.ts';
import { enabledIn } from './enabled.ts';
import { estimated } from './estimate.ts';
import { expander } from './expand.ts';
import { alone, type Crew, type ExploreStanding, exploreAll } from './search.ts';
import { states } from './states.ts';
import { stepsOf } from './steps.ts';
import { startState, taken } from './transition.ts';

const crewOf = (faults: Faults = {}): Crew => alone(expander(toyExplored(faults), { recoverTo: -1 }));
/** By depth; depths that were not reached have nothing. */
const counts = ({ levels }: ExploreStanding) =>
  levels.slice(0, -1).map(({ states, transitions }) => [states, transitions]);

test('the states and transitions of the toy', async () => {
  const { standing, ended } = await exploreAll({ depth: 4, crew: crewOf() });
  expect(ended).toBe('complete');
  expect(counts(standing)).toEqual([
    [1, 0],
    [17, 20],
    [157, 339],
    [1043, 3244],
    [3131, 23209],
  ]);
  expect(standing.met).toEqual([]);
});

test('hashes tell apart as many states as full texts do', async () => {
  const explored = toyExplored();
  const seen = new Set<string>();
  const text = (state: ReturnType<typeof startState<never, never, never, never>>, left: number) => {
    const scribe = textScribe();
    explored.simulation.write(state.world, state.it, left, scribe);
    return scribe.text();
  };
  let level = [startState(explored)];
  seen.add(text(level[0] as never, 3));
  for (let left = 2; left >= 0; left--) {
    const next: typeof level = [];
    for (const state of level) {
      for (const step of enabledIn(explored.model, state.world)) {
        const transition = await taken(explored, state, step, step.does);
        if (transition.kind !== 'held') throw new Error(transition.kind);
        const key = text(transition.next as never, left);
        if (!seen.has(key)) next.push(transition.next);
        seen.add(key);
      }
    }
    level = next;
  }
  const { standing } = await exploreAll({ depth: 3, crew: crewOf() });
  expect(standing.seen.length / 2).toBe(seen.size);
});

/** Every sequence, each on a freshly reset machine: what an exploration must find. */
async function enumerated(faults: Faults, depth: number): Promise<Map<string, number>> {
  const machine = toy(faults);
  const found = new Map<string, number>();
  const from = async (steps: readonly Step[], world: ReturnType<typeof toyModel.start>): Promise<void> => {
    for (const { operation, args } of enabledIn(toyModel, world)) {
      const all = [...steps, { operation, args }];
      const run = await runSteps(toyModel, machine, all, { evidence: false });
      if (run.verdict.kind === 'violated') {
        const { signature } = run.verdict.violation;
        found.set(signature, Math.min(found.get(signature) ?? all.length, all.length));
      } else if (all.length < depth) await from(all, run.history.at(-1)?.after ?? world);
    }
  };
  await from([], toyModel.start());
  return found;
}

describe.each([[{ drift: true }], [{ leak: true }], [{ restart: true }]] as const)(
  'a toy with the fault %j',
  faults => {
    test('finds the signatures that all sequences of three steps have, each by a shortest sequence', async () => {
      const { standing } = await exploreAll({ depth: 3, crew: crewOf(faults) });
      const found = new Map(standing.met.map(({ signature, path }) => [signature, path.length]));
      expect(found).toEqual(await enumerated(faults, 3));
    });
  },
);

test('what lies deeper is found too, with its steps, and a run shows it', async () => {
  const faults = { rollback: true };
  const { standing } = await exploreAll({ depth: 4, crew: crewOf(faults) });
  const [met] = standing.met;
  expect(standing.met.map(({ path }) => path.length)).toEqual([4]);
  const steps = await stepsOf(toyExplored(faults), met?.path ?? []);
  expect(steps.map(({ operation }) => operation)).toEqual(expect.arrayContaining(['rollback', 'stop']));
  const { verdict } = await runSteps(toyModel, toy(faults), steps);
  expect(verdict).toMatchObject({ kind: 'violated', violation: { signature: met?.signature } });
});

describe('a start that breaks a promise is the finding, and nothing follows it', () => {
  const { model, simulation } = toyExplored();
  const outcome = async (start: typeof simulation.start, first = model.first) => {
    const explored = { model: { ...model, ...(first && { first }) }, simulation: { ...simulation, start } };
    const { standing, ended } = await exploreAll({ depth: 2, crew: alone(expander(explored, { recoverTo: -1 })) });
    expect(ended).toBe('complete');
    expect(await estimated(explored, 2)).toEqual([1, 1, 1]);
    expect(standing.levels.every(({ states, transitions }) => states + transitions === 0)).toBe(true);
    expect(await stepsOf(explored, standing.met[0]?.path ?? [0])).toEqual([]);
    return standing.met.map(({ kind, signature, path }) => ({ kind, signature, path }));
  };
  const claim = { ok: false, status: 1, message: 'no such file' };

  test('what it shows', async () => {
    const start = () => ({ ...simulation.start(), running: { a: 'red' as const } });
    expect(await outcome(start)).toMatchObject([{ kind: 'violated', path: [] }]);
  });

  test('the failure of the command that made it', async () => {
    const start = () => {
      throw new Unstarted('the first rebuild ended with 1', claim);
    };
    expect(await outcome(start, { operation: 'rebuild', args: {} })).toMatchObject([
      { kind: 'violated', signature: expect.stringMatching(/^honest-claims: /) },
    ]);
  });

  test('is inconclusive if no promise says what is wrong', async () => {
    const start = () => {
      throw new Unstarted('odd', { ok: true, status: 0, message: '' });
    };
    expect(await outcome(start)).toMatchObject([
      { kind: 'sick', signature: 'the machine was not right to begin with: odd' },
    ]);
  });
});

test('one that was ended goes on where it was, with the same result', async () => {
  const faults = { leak: true };
  const whole = await exploreAll({ depth: 4, crew: crewOf(faults) });
  const stop = new AbortController();
  let batches = 0;
  const begun = await exploreAll({
    depth: 4,
    crew: crewOf(faults),
    signal: stop.signal,
    onProgress: () => {
      if (++batches === 30) stop.abort();
    },
  });
  expect(begun.ended).toBe('stopped');
  expect(begun.standing.next).toBeLessThan(whole.standing.next);
  const { standing, ended } = await exploreAll({
    depth: 4,
    crew: crewOf(faults),
    from: structuredClone(begun.standing),
  });
  expect(ended).toBe('complete');
  expect(counts(standing)).toEqual(counts(whole.standing));
  expect(standing.met).toEqual(whole.standing.met);
  expect(standing.went).toEqual(whole.standing.went);
});

test('the result is the same for any number of threads, and for any order of their answers', async () => {
  const faults = { drift: true, leak: true };
  const crews = [0, 1, 2].map(() => crewOf(faults));
  let turn = 0;
  let last: Promise<unknown> = Promise.resolve();
  const slow: Crew = {
    size: 3,
    begin: left => (crews[0] as Crew).begin(left),
    expand(from, left) {
      const crew = crews[turn++ % 3] as Crew;
      const mine = last.then(() => crew.expand(from, left));
      last = mine;
      return turn % 2 === 0 ? mine.then(batch => new Promise(answer => setImmediate(() => answer(batch)))) : mine;
    },
    close: async () => {},
  };
  const [one, other] = [
    await exploreAll({ depth: 3, crew: crewOf(faults) }),
    await exploreAll({ depth: 3, crew: slow }),
  ];
  expect({ ...other.standing, seen: null }).toEqual({ ...one.standing, seen: null });
  expect(new Set(other.standing.seen)).toEqual(new Set(one.standing.seen));
});

test.each([{}, { drift: true, leak: true }])(
  'the result is the same for any number of states that are expanded together, faults %j',
  async faults => {
    const one = await exploreAll({ depth: 4, crew: crewOf(faults), batch: 1 });
    const many = await exploreAll({ depth: 4, crew: crewOf(faults), batch: 50 });
    expect({ ...many.standing, seen: null }).toEqual({ ...one.standing, seen: null });
    expect(new Set(many.standing.seen)).toEqual(new Set(one.standing.seen));
  },
);

test('it ends when memory is full, and says so', async () => {
  expect((await exploreAll({ depth: 5, crew: crewOf(), mostStates: 500 })).ended).toBe('full');
});

test('the number of states is estimated beforehand, and never too low', async () => {
  const explored = toyExplored();
  const { standing } = await exploreAll({ depth: 4, crew: crewOf() });
  const all = await estimated(explored, 4);
  expect(all).toHaveLength(5);
  expect(all[4]).toBeGreaterThan(standing.seen.length / 2);
});

test('a table of states keeps each of them, and no other', () => {
  const table = states(2);
  const hashes = Array.from({ length: 5_000 }, (_, index) => [(index % 70) + 1, index * 7919] as const);
  for (const [high, low] of hashes) expect(table.add(high, low)).toBe(true);
  for (const [high, low] of hashes) expect(table.add(high, low)).toBe(false);
  expect(table.size).toBe(5_000);
  expect(table.all()).toHaveLength(10_000);
});
