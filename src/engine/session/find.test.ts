import { describe, expect, test } from 'vitest';
import { drawing } from '../plan/random.ts';
import { candidates } from '../toy/failing.ts';
import { type Faults, type Toy, type ToyLevers, toy } from '../toy/machine.ts';
import { toyModel } from '../toy/model.ts';
import type { ToySeen, ToyWorld } from '../toy/world.ts';
import { neverDone, neverTried } from './coverage.ts';
import { find } from './find.ts';
import type { SessionOptions } from './session.ts';

type Options = SessionOptions<ToyWorld, ToySeen, ToyLevers>;
const all: Faults = { drift: true, leak: true, rollback: true };
const toys = (count: number, faults: Faults = all): Toy[] => Array.from({ length: count }, () => toy(faults));
const session = (options: Partial<Options>) =>
  find({ model: toyModel, machines: toys(1), seed: 1, size: { maxSteps: 40 }, ...options });

describe('a violation with another reason each time', () => {
  const because = ' without a reason: ';
  const shortened = {
    ...toyModel,
    gist: (sentence: string) => sentence.split(because)[1] && sentence.split(because)[0],
  };
  const model = { ...shortened, gist: (sentence: string) => shortened.gist(sentence) ?? null };
  /** Every restart of job b fails, with these reasons in turn. */
  const moody = (reasons: readonly string[]): Toy => {
    const machine = toy({});
    let times = 0;
    const job: Toy['job'] = async (verb, name) => {
      if (verb !== 'restart' || name !== 'b') return machine.job(verb, name);
      return { ok: false, status: 1, message: reasons[times++ % reasons.length] ?? '' };
    };
    return { ...machine, job };
  };
  const looked = (reasons: readonly string[]) =>
    session({ model, machines: [moody(reasons)], findings: 1, budget: { operations: 4000 } });

  test('counts as shown again, and the longer reason is kept', async () => {
    const { findings, flaky } = await looked(['see the journal', 'the network of the job is not there']);
    expect(flaky).toEqual([]);
    expect(findings.map(({ violation, steps }) => [violation.details, steps.length])).toEqual([
      [['restart failed without a reason: the network of the job is not there'], 1],
    ]);
  });

  test('is another finding if the reason stays the same', async () => {
    const { findings } = await looked(['see the journal']);
    expect(findings[0]?.violation.signature).toBe('honest-claims: restart failed without a reason: see the journal');
  });
});

describe('a session', () => {
  test.each(['drift', 'leak', 'rollback'] as const)('finds the %s bug within its budget, for every seed', async bug => {
    const worst: number[] = [];
    for (let seed = 0; seed < 50; seed++) {
      const { findings } = await session({
        machines: toys(1, { [bug]: true }),
        seed,
        findings: 1,
        budget: { operations: 4000 },
      });
      worst.push(findings[0]?.foundAfter ?? Number.POSITIVE_INFINITY);
    }
    expect(Math.max(...worst)).toBeLessThanOrEqual(4000);
  });

  test('finds nothing on a faultless machine, and says what it did', async () => {
    // A seed whose plans start a job whose file is missing, and then stop it.
    const result = await session({ machines: toys(1, {}), seed: 3, budget: { operations: 3000 } });
    expect([result.findings, result.flaky, result.inconclusive]).toEqual([[], [], []]);
    expect(result.operations).toBe(3000);
    expect(result.ended).toBe('the budget of 3000 operations is spent');
    expect(neverDone(result.coverage, result.coverage)).toEqual([]);
    // On the same machine with other operations more was tried, and less: that is nothing of this search's.
    const none = { succeeded: 0, failed: 0, justified: 0, skipped: 0 };
    expect(neverTried({ ...result.coverage, other: none }, result.coverage)).toEqual([]);
    expect(neverDone({ ...result.coverage, other: none, start: none }, result.coverage)).toEqual(['start']);
    expect(result.coverage.start).toMatchObject({ skipped: expect.any(Number) });
    expect(result.coverage.start?.justified).toBeGreaterThan(0);
    expect(result.coverage.start?.failed).toBe(result.coverage.start?.justified);
    // The plan assumed success; what was no longer possible after a failure with a reason was skipped.
    expect(result.coverage.stop?.skipped).toBeGreaterThan(0);
  });

  test('finds every bug of a machine, each with a confirmed shortest sequence', async () => {
    const result = await session({ budget: { operations: 3000 } });
    expect(result.findings.map(one => one.violation.invariant).sort()).toEqual([
      'no-silent-drift',
      'nothing-left-behind',
      'rollback-complete',
    ]);
    for (const one of result.findings) {
      expect([one.confirmed, one.shows]).toEqual([{ shown: 5, of: 5 }, undefined]);
      expect(one.run.verdict).toEqual({ kind: 'violated', violation: one.violation });
      expect(one.run.evidence).toMatch(/operations$/);
      expect(one.steps.length).toBeLessThanOrEqual(5);
      expect(one.original.length).toBeGreaterThan(one.steps.length);
      expect(one.shrunkOn).toBe('machine');
      expect(one.cost.shrinking).toBeGreaterThan(0);
    }
    expect(Object.values(result.known).reduce((sum, one) => sum + one, 0)).toBeGreaterThan(10);
  });

  test('has the same result for any number of machines, and counts every operation', async () => {
    const of = async (count: number) => {
      const machines = toys(count);
      const { discarded, done, ...rest } = await session({ machines, budget: { operations: 2000 } });
      expect(done).toBe(machines.reduce((sum, one) => sum + one.count.operations, 0));
      expect(done).toBe(rest.operations + rest.cost.confirming + rest.cost.shrinking + discarded);
      return JSON.stringify(rest, (key, value) => (key === 'evidence' ? undefined : value));
    };
    const one = await of(1);
    expect(await of(2)).toBe(one);
    expect(await of(7)).toBe(one);
  });

  test('goes on from where another ended', async () => {
    const whole = await session({ runs: 40, machines: toys(1, {}) });
    const first = await session({ runs: 15, machines: toys(1, {}) });
    const rest = await session({ runs: 25, from: first.next, machines: toys(1, {}) });
    expect(first.operations + rest.operations).toBe(whole.operations);
    expect(rest.next).toBe(40);
    expect(whole.ended).toBe('all 40 plans were run');
  });

  test('ends with a finding of no steps if the start itself breaks a promise, and at once if that is known', async () => {
    const wrong = () => ({ ...toy({}), observe: async () => ({ generation: 0, files: {}, running: {}, volumes: [] }) });
    const { findings, ended, runs } = await session({ machines: [wrong()], simulator: () => toy({}) });
    expect(findings).toMatchObject([{ steps: [], original: [], violation: { at: -1 }, run: { taken: [] } }]);
    expect([runs, ended]).toEqual([1, 'the first rebuild breaks a promise by itself, and every run begins with it']);
    const known = new Set(findings.map(one => one.violation.signature));
    const again = await session({ machines: [wrong()], known });
    expect([again.findings, again.runs, Object.values(again.known)]).toEqual([[], 1, [1]]);
  });

  test('shrinks on the simulator if it shows the same, and confirms on the machine', async () => {
    const machines = toys(1);
    const { findings, operations, cost, discarded } = await session({
      machines,
      simulator: () => toy(all),
      budget: { operations: 2000 },
    });
    expect(findings.length).toBe(3);
    for (const one of findings) expect([one.shrunkOn, one.cost.shrinking]).toEqual(['simulator', 0]);
    expect(cost.simulated).toBeGreaterThan(0);
    expect(machines[0]?.count.operations).toBe(operations + cost.confirming + discarded);
  });

  test('takes one more run on the machine if the simulator shows the same: one of the short sequence', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const ran: string[] = [];
      const { findings } = await session({
        seed,
        findings: 1,
        simulator: () => toy(all),
        hooks: { onBegin: (_, { phase, index }) => void (index === 0 && phase !== 'find' && ran.push(phase)) },
      });
      expect(ran).toEqual(['confirm']);
      expect(findings).toMatchObject([{ shrunkOn: 'simulator', confirmed: { shown: 1, of: 1 } }]);
    }
  });

  test('reports another promise that the simulator showed with fewer steps, once the machine shows it', async () => {
    // The kept file of a stopped job is drift; without the edit, only the leak is left.
    const { findings } = await session({
      machines: toys(1, { drift: true, leak: true }),
      simulator: () => toy({ drift: true, leak: true }),
      budget: { operations: 1500 },
    });
    expect(findings.map(one => one.violation.invariant).sort()).toEqual(['no-silent-drift', 'nothing-left-behind']);
    // A simulator with a bug that the machine does not have: what only it shows is neither a finding nor flaky.
    const seer = () => toy({ drift: true, leak: true, restart: true });
    const { findings: real, flaky } = await session({
      machines: toys(1, { drift: true }),
      simulator: seer,
      budget: { operations: 1500 },
    });
    expect([real.map(one => one.violation.invariant), flaky]).toEqual([['no-silent-drift'], []]);
  });

  test('measures what shows in two of five runs, and shrinks it as far as a steady violation', async () => {
    let rated = 0;
    for (let seed = 0; seed < 40; seed++) {
      const machines = toys(1, { drift: true, shows: 0.4, draw: drawing(seed, 7) });
      const { findings } = await session({ machines, seed, findings: 1, budget: { operations: 20_000 } });
      const [one] = findings;
      expect(one?.violation.invariant).toBe('no-silent-drift');
      if (one?.shows === undefined) continue;
      rated++;
      expect(one.shows).toEqual({ times: one.confirmed.shown, of: 10 });
      expect(one.shows.times).toBeLessThan(10);
      // With a bug that always acts, none of the steps can be left out.
      for (let at = 0; at < one.steps.length; at++) {
        const { verdict } = await candidates(toy({ drift: true }))(one.steps.toSpliced(at, 1));
        expect(verdict.kind === 'violated' && verdict.violation.signature).not.toBe(one.violation.signature);
      }
    }
    // One in a hundred is taken for steady (`realMachine`).
    expect(rated).toBeGreaterThanOrEqual(39);
  });

  test('shrinks on the machine if the simulator does not show it, or shows a sequence that is too short', async () => {
    const blind = await session({ simulator: () => toy({}), findings: 1 });
    expect(blind.findings.map(one => one.shrunkOn)).toEqual(['machine']);
    // A simulator that breaks promises sooner: its shortest sequence shows nothing on the machine.
    const hasty = () => ({ ...toy({}), job: async () => ({ ok: true, status: 0, message: '' }) });
    const wrong = await session({ machines: toys(1, { drift: true }), simulator: hasty, findings: 1 });
    expect(wrong.findings.map(one => one.shrunkOn)).toEqual(['machine']);
  });

  test('counts what is known, and gets beyond it when asked', async () => {
    const before = await session({ budget: { operations: 3000 } });
    const known = new Set(before.findings.map(one => one.violation.signature));
    const again = await session({ budget: { operations: 3000 }, known });
    expect(again.findings).toEqual([]);
    expect(new Set(Object.keys(again.known))).toEqual(known);
    const beyond = { budget: { operations: 3000 }, known, beyondKnown: true, simulator: () => toy(all) };
    const past = await session(beyond);
    expect([past.findings, past.known]).toEqual([[], {}]);
    expect(past.operations / past.runs).toBeGreaterThan(again.operations / again.runs);
    // Without a simulator the known steps steer it; they do not get it beyond everything.
    const knownSteps = before.findings.map(one => one.steps);
    const beside = await session({ budget: { operations: 3000 }, known, beyondKnown: true, knownSteps });
    expect(beside.operations / beside.runs).toBeGreaterThan(again.operations / again.runs);
    const times = (met: Readonly<Record<string, number>>) => Object.values(met).reduce((sum, one) => sum + one, 0);
    expect(times(beside.known)).toBeLessThan(times(again.known));
    expect(JSON.stringify((await session({ ...beyond, machines: toys(3) })).coverage)).toBe(
      JSON.stringify(past.coverage),
    );
  });

  test('repeats a plan that a finding made meanwhile would have steered', async () => {
    const of = async (count: number) => {
      const {
        discarded: _,
        done: __,
        ...rest
      } = await session({
        machines: toys(count),
        simulator: () => toy(all),
        beyondKnown: true,
        budget: { operations: 2000 },
      });
      return JSON.stringify(rest, (key, value) => (key === 'evidence' ? undefined : value));
    };
    const one = await of(1);
    expect(JSON.parse(one).findings).toHaveLength(3);
    expect(await of(4)).toBe(one);
  });

  test('ends while a plan is drawn, when its time is over or the operator says so', async () => {
    const size = { maxSteps: 2 ** 31 };
    const late = await session({ size, budget: { seconds: 0.01 } });
    expect([late.ended, late.operations]).toEqual(['the budget of 0.01 seconds is spent', 0]);
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    const stopped = await session({ size, signal: stop.signal });
    expect([stopped.ended, stopped.operations]).toEqual(['stopped by the operator', 0]);
  });

  test('records what does not show again as flaky, with both runs', async () => {
    const flaky = { flaky: 0.01, draw: drawing(3, 0) };
    const result = await session({ machines: toys(1, flaky), budget: { operations: 2000 } });
    // What shows now and then is not flaky: it has a rate.
    for (const { shows } of result.findings) expect(shows?.times).toBeLessThan(shows?.of ?? 0);
    expect(result.flaky.length).toBeGreaterThan(3);
    for (const one of result.flaky) {
      expect(one.violation.invariant).toBe('honest-claims');
      expect(one.runs).toHaveLength(2);
      expect(one.again.shown).toBe(0);
      expect(one.runs[0]?.verdict).toEqual({ kind: 'violated', violation: one.violation });
    }
  });

  test('finds the bugs of a machine that is sick now and then', async () => {
    const result = await session({
      machines: toys(1, { ...all, sick: 0.02, draw: drawing(4, 0) }),
      budget: { operations: 4000 },
    });
    expect(result.findings.length).toBe(3);
    expect(result.inconclusive.length).toBeGreaterThan(10);
    expect(result.inconclusive[0]).toMatchObject({ cause: 'machine', reason: 'Sick: the way to the toy is dead' });
  });

  test('gives up on a machine that is dead', async () => {
    const result = await session({ machines: toys(1, { sick: 1, draw: () => 0 }) });
    expect(result.runs).toBe(5);
    expect(result.ended).toBe('5 runs in a row were inconclusive; the last: Sick: the way to the toy is dead');
  });

  test('stops after the operation in progress when it is told to', async () => {
    const stop = new AbortController();
    const machines = toys(2, {});
    let left = 100;
    const result = await session({
      machines,
      signal: stop.signal,
      runs: 1000,
      hooks: { onOperation: () => (--left === 0 ? stop.abort() : undefined) },
    });
    expect(result.ended).toBe('stopped by the operator');
    // After that the other machine did at most the operation that it had begun.
    const done = machines.reduce((sum, one) => sum + one.count.operations, 0);
    expect([100, 101]).toContain(done);
    expect(result.operations + result.discarded).toBe(done);
    expect(result.done).toBe(done);
  });

  test('keeps a finding that is being shrunk when it is stopped', async () => {
    const stop = new AbortController();
    const hooks = { onPhase: (phase: string) => (phase === 'shrink' ? stop.abort() : undefined) };
    const { findings, ended } = await session({ signal: stop.signal, hooks });
    expect(ended).toBe('stopped by the operator');
    expect(findings).toHaveLength(1);
    expect(findings[0]?.steps).toEqual(findings[0]?.original);
    expect(findings[0]?.confirmed).toEqual({ shown: 0, of: 0 });
  });

  test('reports runs in order, phases, and findings', async () => {
    const said: string[] = [];
    await session({
      machines: toys(3, { drift: true }),
      findings: 1,
      hooks: {
        onRun: (index, run) => said.push(`${index} ${run.verdict.kind}`),
        onPhase: phase => said.push(phase),
        onFinding: ({ violation }) => said.push(violation.invariant),
      },
    });
    expect(said).toMatchInlineSnapshot(`
      [
        "0 held",
        "1 violated",
        "confirm",
        "shrink",
        "confirm",
        "no-silent-drift",
      ]
    `);
  });
});
