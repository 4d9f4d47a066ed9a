import { describe, expect, test } from 'vitest';
import type { Step } from '../../../models/operation.ts';
import { drawing } from '../plan/random.ts';
import { find } from '../session/find.ts';
import type { SessionOptions } from '../session/session.ts';
import { type Faults, type ToyLevers, toy } from '../toy/machine.ts';
import { toyModel } from '../toy/model.ts';
import { declared, jobs, type ToySeen, type ToyWorld } from '../toy/world.ts';
import type { Model } from '../types.ts';
import { differenceFeeder } from './differences.ts';
import { neighbourFeeder } from './neighbours.ts';
import { type Feeder, slots } from './slots.ts';
import { scheduled } from './stages.ts';
import { grouped, suspectFeeder } from './suspects.ts';

/** The toy with its jobs as parts, and the state of each job's file as aspect. */
const model: Model<ToyWorld, ToySeen, ToyLevers> = {
  ...toyModel,
  parts: {
    names: jobs,
    of: ({ args }) => args.job as string | undefined,
    moved: (steps, to) => steps.map(step => ('job' in step.args ? { ...step, args: { ...step.args, job: to } } : step)),
  },
  aspects: (world, part) =>
    jobs
      .filter(job => part === undefined || job === part)
      .flatMap(job => {
        const [file, wanted] = [world.files[job], declared(world)[job]];
        return file === wanted ? [] : [file === undefined ? 'a file is gone' : 'a file was edited'];
      }),
  isWhole: world => jobs.every(job => world.files[job] === declared(world)[job]),
};

const step = (operation: string, job?: string, colour?: string): Step => ({
  operation,
  args: { ...(job && { job }), ...(colour && { colour }) },
});
const edit = (job: string) => step('edit', job, 'green');
const words = (steps: readonly Step[]) =>
  steps.map(({ operation, args }) => [operation, ...Object.values(args)].join(' ')).join('; ');

type Options = SessionOptions<ToyWorld, ToySeen, ToyLevers>;
const session = (faults: Faults, options: Partial<Options>) =>
  find({ model, machines: [toy(faults)], seed: 1, size: { maxSteps: 10 }, ...options });

describe('suspects', () => {
  const plans = (suspects: Parameters<typeof grouped>[1]) =>
    grouped(model, suspects, 10).map(({ steps }) => words(steps));

  test('come shortest first, two of them before one command about everything, several on a machine that stays whole', () => {
    expect(
      plans([
        { steps: [edit('a'), step('rebuild')] },
        { steps: [step('unlink', 'a'), step('rebuild')] },
        { steps: [step('restart', 'a')] },
        { steps: [edit('a'), step('restart', 'a')] },
        { steps: [edit('a'), step('rebuild')] },
      ]),
    ).toEqual(['restart a; edit a green; unlink b; rebuild; edit a green; restart a']);
  });

  test('have a machine for themselves if they break a promise here, or leave the machine not whole', () => {
    expect(
      plans([
        { steps: [edit('a'), step('rebuild')], breaks: true },
        { steps: [step('unlink', 'a'), step('restart', 'a')] },
        { steps: [step('unlink', 'b'), step('stop', 'b')] },
      ]),
    ).toEqual(['edit a green; rebuild', 'unlink a; restart a', 'unlink b; stop b']);
  });

  test('are left out if they are not possible here, and get the nearest arguments if theirs do not exist', () => {
    expect(plans([{ steps: [step('no-such', 'a')] }, { steps: [step('restart', 'z')] }])).toEqual(['restart a']);
  });

  test('that a plan did not reach, because it broke a promise, are done again', async () => {
    const suspects = [{ steps: [edit('a'), step('rebuild')] }, { steps: [edit('b'), step('stop', 'b')] }];
    const ran: string[] = [];
    const { findings, stages, ended } = await session(
      { drift: true },
      {
        // If a job is stopped, the drift does not show.
        before: [suspectFeeder(model, [{ steps: [step('stop', 'a'), edit('a'), step('rebuild')] }, ...suspects], 10)],
        walks: false,
        hooks: { onRun: (_, { taken }, stage) => void ran.push(`${stage}: ${words(taken.map(one => one.step))}`) },
      },
    );
    expect(ran).toEqual([
      'suspects: edit a green; rebuild; edit b green; stop b',
      'suspects: stop a; edit a green; rebuild',
    ]);
    expect(findings.map(({ stage, index, violation }) => [stage, index, violation.invariant])).toEqual([
      ['suspects', 1, 'no-silent-drift'],
    ]);
    expect([stages, ended]).toEqual([{ suspects: 2, neighbours: 0, differences: 0, walks: 0 }, 'all 2 plans were run']);
  });
});

describe('differences', () => {
  const feeder = (tried: ReadonlySet<string> = new Set()) => differenceFeeder(model, tried, 10, drawing(1, -1));

  test('try every operation with every aspect, and end then', async () => {
    const { goals, stages, operations, findings } = await session({}, { before: [feeder()], walks: false });
    for (const operation of ['rebuild', 'restart', 'stop', 'add', 'drop', 'paint'])
      for (const aspect of ['a file was edited', 'a file is gone', 'nothing special'])
        if (operation !== 'add' || aspect === 'nothing special') expect(goals).toContain(`${operation} / ${aspect}`);
    expect(findings).toEqual([]);
    expect(stages.differences).toBeGreaterThan(1);
    // A walk needs several times as many operations to get there.
    const walk = await session({}, { budget: { operations } });
    expect(walk.goals.length).toBeLessThan(goals.length);
  });

  test('go on from what was tried before', async () => {
    const first = await session({}, { before: [feeder()], walks: false, runs: 2 });
    const tried = new Set(first.goals);
    const { goals, stages } = await session({}, { before: [feeder(tried)], walks: false });
    expect(stages.differences).toBeGreaterThan(0);
    const all = new Set([...first.goals, ...goals]);
    expect(all.size).toBeGreaterThan(tried.size);
    const rest = await session({}, { before: [feeder(all)], walks: false });
    expect(rest.goals.filter(goal => !all.has(goal))).toEqual([]);
  });

  test('have a command cope with two earlier steps about two parts', async () => {
    const plans: string[] = [];
    const { goals } = await session(
      {},
      {
        before: [feeder()],
        walks: false,
        runs: 8,
        hooks: { onRun: (_, { taken }) => void plans.push(words(taken.map(one => one.step))) },
      },
    );
    expect(goals).toContain('a rebuild after edit, which it undoes');
    expect(plans.join('; ')).toMatch(/(edit|unlink) (a|b)( green| red| blue)?; (edit|unlink) (?!\2)(a|b)/);
  });

  test('have a command cope with one kind of lever after the other', async () => {
    const op = (name: string) =>
      toyModel.operations.get(name) as NonNullable<ReturnType<typeof toyModel.operations.get>>;
    const by = (needs: ReturnType<typeof op>['needs'], like = 'unlink') => ({ ...op(like), needs });
    const operations = new Map([
      ...Array.from({ length: 8 }, (_, at) => [`place-${at}`, by(['place'])] as const),
      ['take', by(['container remove'])] as const,
      ['rebuild', by(['rebuild'], 'rebuild')] as const,
    ]);
    for (let seed = 1; seed <= 5; seed++) {
      const of = { ...model, operations };
      const plan = await firstOf(differenceFeeder(of, new Set(), 10, drawing(seed, -1)));
      const before = plan.slice(
        0,
        plan.findIndex(({ operation }) => operation === 'rebuild'),
      );
      expect([seed, before.map(({ operation }) => operation.replace(/-.*/, '')).sort()]).toEqual([
        seed,
        ['place', 'take'],
      ]);
    }
  });

  test('give suspects from elsewhere their turn, and do the rest of them at the end', async () => {
    const steps = [step('unlink', 'b'), step('stop', 'b'), step('restart', 'b')];
    const plans: string[] = [];
    const { ended } = await session(
      {},
      {
        before: scheduled(['suspects', 'differences'], [{ steps }, { steps: steps.slice(0, 2) }], {
          model,
          seed: 1,
          steps: 10,
        }),
        walks: false,
        hooks: { onRun: (_, { taken }) => void plans.push(words(taken.map(one => one.step))) },
      },
    );
    expect(plans.filter(plan => plan.includes('unlink b; stop b; restart b'))).toHaveLength(1);
    expect(ended).toBe(`all ${plans.length} plans were run`);
    // Without differences, or if they break a promise here, they come first.
    for (const [stages, breaks] of [
      [['suspects'], false],
      [['suspects', 'differences'], true],
    ] as const) {
      const [first] = scheduled(stages, [{ steps, breaks }], { model, seed: 1, steps: 10 });
      expect(words(await firstOf(first as Feeder<ToyWorld, ToySeen>))).toBe('unlink b; stop b; restart b');
    }
  });
});

async function firstOf(feeder: Feeder<ToyWorld, ToySeen>): Promise<readonly Step[]> {
  for await (const steps of feeder.more([])) return steps;
  return [];
}

describe('the stages of a session', () => {
  const all = (): Feeder<ToyWorld, ToySeen>[] => [
    suspectFeeder(
      model,
      [{ steps: [edit('a'), step('rebuild')] }, { steps: [step('mount', 'a'), step('drop', 'a')] }],
      10,
    ),
    differenceFeeder(model, new Set(), 10, drawing(1, -1)),
  ];

  test('have the same result for any number of machines', async () => {
    const of = async (count: number) => {
      const machines = Array.from({ length: count }, () => toy({ drift: true, leak: true, rollback: true }));
      // Only these two count what a machine had begun ahead and what was not judged any more.
      const {
        discarded: _,
        done: __,
        ...rest
      } = await session({}, { machines, before: all(), budget: { operations: 400 } });
      return JSON.stringify(rest, (key, value) => (key === 'evidence' ? undefined : value));
    };
    const one = await of(1);
    expect(JSON.parse(one).stages).toMatchObject({ suspects: 1, differences: 9 });
    expect(await of(2)).toBe(one);
    expect(await of(5)).toBe(one);
  });

  test('leave the walks as they are without them, and say where to go on', async () => {
    const walks: string[] = [];
    const hooks: Options['hooks'] = {
      onRun: (number, { taken }, stage) =>
        void (stage === 'walks' && walks.push(`${number} ${words(taken.map(one => one.step))}`)),
    };
    const plain = await session({}, { runs: 5, hooks });
    const alone = walks.splice(0);
    const before = () => [suspectFeeder(model, [{ steps: [edit('a'), step('rebuild')] }], 10)];
    const { goOn, next, runs } = await session({}, { runs: 6, before: before(), hooks });
    expect([walks, runs]).toEqual([alone, 6]);
    expect([goOn, next, plain.goOn]).toEqual([{ stage: 'walks', number: 5 }, 5, { stage: 'walks', number: 5 }]);
    const cut = await session({}, { before: [suspectFeeder(model, [{ steps: [edit('a')] }], 10, 1)], walks: false });
    expect([cut.runs, cut.goOn]).toEqual([0, { stage: 'suspects', number: 1 }]);
  });

  test('get beyond what is known, once the suspects have shown it', async () => {
    const known = new Set(['no-silent-drift: the file of job J says X instead of X']);
    const faults = { drift: true };
    const lie = { steps: [step('stop', 'a'), edit('a'), step('rebuild')], breaks: true };
    const of = (beyondKnown: false | 'after suspects') =>
      session(faults, {
        before: [suspectFeeder(model, [lie], 10), differenceFeeder(model, new Set(), 10, drawing(1, -1))],
        simulator: () => toy(faults),
        known,
        runs: 40,
        beyondKnown,
      });
    const [ending, past] = [await of(false), await of('after suspects')];
    expect(Object.values(past.known)).toEqual([1]);
    expect(Object.values(ending.known)[0]).toBeGreaterThan(1);
    expect([ending.findings, past.findings]).toEqual([[], []]);
  });

  test('obey the operator and the budget', async () => {
    const stop = new AbortController();
    const stopped = await session(
      {},
      {
        before: all(),
        signal: stop.signal,
        hooks: { onOperation: () => stop.abort() },
      },
    );
    expect([stopped.ended, stopped.operations, stopped.stages.suspects]).toEqual(['stopped by the operator', 1, 1]);
    const spent = await session({}, { before: all(), budget: { operations: 9 } });
    expect([spent.operations, spent.stages.walks]).toEqual([9, 0]);
  });

  test('go on after a stage whose model throws', async () => {
    const throwing = {
      ...model,
      aspects: () => {
        throw new Error('no aspects');
      },
    };
    const { crashes, stages } = await session(
      {},
      {
        before: [differenceFeeder(throwing, new Set(), 10, drawing(1, -1))],
        runs: 3,
      },
    );
    expect(crashes.map(({ stage, message }) => [stage, message.split('\n')[0]])).toEqual([
      ['differences', 'the model threw where it must answer: the model, aspects'],
    ]);
    expect(stages).toEqual({ suspects: 0, neighbours: 0, differences: 1, walks: 2 });
  });

  test('a request for a plan that is never judged gets nothing after the end', async () => {
    const order = slots([{ stage: 'suspects', more: () => [[edit('a')]] }], null, 0);
    await order.at(0);
    const second = order.at(1);
    order.close();
    expect(await second).toBeNull();
  });
});

describe('neighbours', () => {
  const found = [[edit('a'), step('rebuild')], [step('unlink', 'b')]];
  const plans = (seed: number) => [
    ...(neighbourFeeder(model, found, drawing(seed, -2)).more([]) as Iterable<readonly Step[]>),
  ];

  test('differ from a finding in one step, are possible, and come in turns', () => {
    const all = plans(1);
    expect(all.length).toBeGreaterThan(4);
    expect(new Set(all.map(words)).size).toBe(all.length);
    for (const steps of all) {
      const isBeside = found.some(each =>
        isOneChange(
          each.map(one => words([one])),
          steps.map(one => words([one])),
        ),
      );
      expect(isBeside, words(steps)).toBe(true);
    }
    // One of either finding before the second of any.
    expect([all[0]?.length, all[1]?.length].every(length => (length ?? 0) >= 1)).toBe(true);
  });

  test('are others for another seed, and the same for the same seed', () => {
    expect(plans(1)).toEqual(plans(1));
    expect(plans(2)).not.toEqual(plans(1));
  });

  test('are handed out once, and found in a session', async () => {
    const feeder = neighbourFeeder(model, found, drawing(1, -2));
    expect([...(feeder.more([]) as Iterable<readonly Step[]>)].length).toBeGreaterThan(0);
    expect([...(feeder.more([]) as Iterable<readonly Step[]>)]).toEqual([]);
    const { stages, ended } = await session(
      {},
      { before: [neighbourFeeder(model, found, drawing(1, -2))], walks: false },
    );
    expect([stages.neighbours, ended]).toEqual([plans(1).length, expect.any(String)]);
  });
});

/** Whether the second is the first with one step changed or one more. */
function isOneChange(one: readonly string[], other: readonly string[]): boolean {
  const at = one.findIndex((each, nth) => other[nth] !== each);
  const from = at < 0 ? one.length : at;
  const rest = other.slice(from + 1).join();
  return rest === one.slice(from).join() || (other.length === one.length && rest === one.slice(from + 1).join());
}
