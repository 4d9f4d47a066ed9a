import { describe, expect, test } from 'vitest';
import type { Step } from '../../models/operation.ts';
import { keyOf, type Tried } from './accept.ts';
import { planned } from './plan.ts';
import { drawing } from './random.ts';
import { runSteps } from './run.ts';
import { frugal, shrink, thorough } from './shrink.ts';
import { list, listModel, pushes } from './toy/list.ts';
import { type Faults, type Toy, toy } from './toy/machine.ts';
import { toyModel } from './toy/model.ts';
import type { Run } from './types.ts';

const words = (steps: readonly Step[]) =>
  steps.map(step => [step.operation, ...Object.values(step.args)].join(' ')).join('; ');

/** The first failing run of a seed that shows the wanted invariant. */
async function failing(machine: Toy, seed: number, invariant: string) {
  for (let index = 0; ; index++) {
    const run = await runSteps(toyModel, machine, planned(toyModel, seed, index, { maxSteps: 40 }));
    if (run.verdict.kind === 'violated' && run.verdict.violation.invariant === invariant)
      return { run, signature: run.verdict.violation.signature };
  }
}

const candidates = (machine: Toy) => (steps: readonly Step[]) =>
  runSteps(toyModel, machine, steps, { evidence: false });

/** Every answer for many seeds, and how often it came. */
async function answers(faults: Faults, invariant: string, how = thorough): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (let seed = 0; seed < 50; seed++) {
    const machine = toy(faults);
    const { best } = await shrink(
      { model: toyModel, ...(await failing(machine, seed, invariant)), attempt: candidates(machine) },
      how,
    );
    found[words(best)] = (found[words(best)] ?? 0) + 1;
  }
  return found;
}

describe('the shortest sequence', () => {
  test('of the drift bug is always the same one', async () => {
    expect(await answers({ drift: true }, 'no-silent-drift')).toEqual({ 'edit a green; stop a; rebuild': 50 });
  });

  test('of the leak bug is one of its two ways', async () => {
    const found = await answers({ leak: true }, 'nothing-left-behind');
    expect(Object.keys(found).sort()).toMatchInlineSnapshot(`
      [
        "add c; mount c; mount c; stop c; rollback",
        "drop a; add a; mount a; mount a; stop a; rollback",
        "mount a; mount a; stop a; drop a",
      ]
    `);
    expect(found['mount a; mount a; stop a; drop a']).toBeGreaterThan(40);
  });

  test('of the rollback bug has four or five steps, and ends with the rollback', async () => {
    for (const answer of Object.keys(await answers({ rollback: true }, 'rollback-complete'))) {
      expect(answer).toMatch(/rollback$/);
      expect(answer.split('; ').length).toBeLessThanOrEqual(5);
    }
  });

  test('that only the comparison shows is found as well', async () => {
    expect(await answers({ restart: true }, 'picture')).toEqual({ 'restart a; restart a; restart a': 50 });
  });

  test('can do without none of its steps, also where the shrinker is frugal', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const machine = toy({ drift: true, leak: true, rollback: true });
      const { run, signature } = await failing(machine, seed, 'rollback-complete');
      const { best } = await shrink({ model: toyModel, run, signature, attempt: candidates(machine) }, frugal);
      for (const step of best) {
        const { verdict } = await candidates(machine)(best.filter(one => one !== step));
        expect(verdict.kind === 'violated' && verdict.violation.signature === signature).toBe(false);
      }
    }
  });

  test.each([
    ['a number of nine or more', (all: readonly number[]) => all.some(number => number >= 9), '9'],
    ['two that differ', (all: readonly number[]) => all.some(number => number !== all[0]), '0 1'],
    ['three that differ', (all: readonly number[]) => new Set(all).size >= 3, '0 1 2'],
    ['a number said before', (all: readonly number[]) => new Set(all).size < all.length, '0 0'],
  ])('of the challenge "%s" is the known one', async (_name, broken, answer) => {
    const model = listModel(broken);
    for (let seed = 0; seed < 20; seed++) {
      const steps = [...planned(model, seed, 0, { maxSteps: 60 }), ...pushes(5, 17, 5, 3, 19)];
      const attempt = (some: readonly Step[]) => runSteps(model, list(), some);
      const { best } = await shrink(
        { model, run: await attempt(steps), signature: 'list: the list is bad', attempt },
        thorough,
      );
      expect(best.map(step => step.args.number).join(' ')).toBe(answer);
    }
  });
});

describe('the gate', () => {
  test('never tries the same steps twice', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const machine = toy({ drift: true, leak: true, rollback: true, restart: true });
      const tried: string[] = [];
      const attempt = (steps: readonly Step[]) => {
        tried.push(keyOf(steps));
        return candidates(machine)(steps);
      };
      const met = await failing(machine, seed, 'picture');
      const open = await shrink({ model: toyModel, ...met, attempt }, thorough);
      // The one exception: a violation that was never met before is asked for once more.
      const again = tried.length - new Set(tried).size;
      expect(again).toBeLessThanOrEqual(open.others.size);
      expect(open.tried.length + again).toBe(tried.length);
    }
  });

  test('counts and logs what it tries', async () => {
    const machine = toy({ drift: true });
    const met = await failing(machine, 1, 'no-silent-drift');
    const before = machine.count.operations;
    const log: Tried[] = [];
    const open = await shrink({ model: toyModel, ...met, attempt: candidates(machine), onTried: one => log.push(one) });
    expect(log).toEqual(open.tried);
    expect(log.reduce((sum, one) => sum + one.operations, 0)).toBe(machine.count.operations - before);
  });

  test('keeps its signature though two operations of a hundred fail for no reason', async () => {
    for (let seed = 0; seed < 100; seed++) {
      const machine = toy({ drift: true, leak: true, flaky: 0.02, draw: drawing(seed, 1) });
      const met = await failing(machine, seed, 'no-silent-drift');
      const open = await shrink({ model: toyModel, ...met, attempt: candidates(machine) });
      expect(open.run.verdict).toMatchObject({ kind: 'violated', violation: { signature: met.signature } });
      const { verdict } = await runSteps(toyModel, toy({ drift: true, leak: true }), open.best);
      expect(verdict).toMatchObject({ kind: 'violated', violation: { invariant: 'no-silent-drift' } });
    }
  });

  test('hands out another violation that it meets', async () => {
    const machine = toy({ drift: true, leak: true });
    const job = { job: 'a' };
    const steps = [
      { operation: 'mount', args: job },
      { operation: 'mount', args: job },
      { operation: 'stop', args: job },
      { operation: 'stop', args: { job: 'b' } },
      { operation: 'edit', args: { job: 'b', colour: 'green' } },
      // Both bugs show here; the drift is asked for first, and without the edit only the leak is left.
      { operation: 'drop', args: job },
    ];
    const run = await runSteps(toyModel, machine, steps);
    if (run.verdict.kind !== 'violated') throw new Error('the toy does not show its bug');
    expect(run.verdict.violation.also).toEqual(['nothing-left-behind']);
    const { signature } = run.verdict.violation;
    const open = await shrink({ model: toyModel, run, signature, attempt: candidates(machine) });
    expect(open.best).toHaveLength(3);
    const others = [...open.others.values()].map(({ verdict }) => verdict);
    expect(others).toMatchObject([{ kind: 'violated', violation: { invariant: 'nothing-left-behind' } }]);
  });

  test('asks once more where nothing can be said, and then lets it be', async () => {
    const sick: Run<never, never> = {
      verdict: { kind: 'inconclusive', at: 0, reason: 'sick' },
      taken: [],
      history: [],
    };
    const machine = toy({ drift: true });
    const { run, signature } = await failing(machine, 1, 'no-silent-drift');
    let asked = 0;
    const attempt = async () => {
      asked++;
      return sick;
    };
    const open = await shrink({ model: toyModel, run, signature, attempt });
    expect(open.run).toBe(run);
    expect(asked).toBe(2 * open.tried.length);
    expect(new Set(open.tried.map(one => one.outcome))).toEqual(new Set(['inconclusive']));
  });

  test('stops when it was enough, with the best so far', async () => {
    const machine = toy({ leak: true });
    const met = await failing(machine, 1, 'nothing-left-behind');
    let left = 3;
    const open = await shrink({
      model: toyModel,
      ...met,
      attempt: candidates(machine),
      enough: () => (left-- > 0 ? undefined : 'enough'),
    });
    expect(open.tried.length).toBe(3);
    expect(open.run.verdict).toMatchObject({ violation: { signature: met.signature } });
  });
});
