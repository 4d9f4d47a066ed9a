import { describe, expect, test } from 'vitest';
import type { Step } from '../../../models/operation.ts';
import { drawing } from '../plan/random.ts';
import { runSteps } from '../run/run.ts';
import { candidates, failing } from '../toy/failing.ts';
import { toy } from '../toy/machine.ts';
import { toyModel } from '../toy/model.ts';
import type { Run } from '../types.ts';
import { gate, keyOf, type TriedCandidate } from './accept.ts';
import { shrink, thorough } from './shrink.ts';

describe('the gate', () => {
  test('never tries the same steps twice', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const machine = toy({ drift: true, leak: true, rollback: true, restart: true });
      const tried: string[] = [];
      const attempt = (steps: readonly Step[]) => {
        tried.push(keyOf(steps));
        return candidates(machine)(steps);
      };
      const met = await failing(machine, seed, 'expected-observation');
      const open = await shrink({ model: toyModel, ...met, attempt }, thorough);
      // The one exception: a violation that was met for the first time is repeated once.
      const again = tried.length - new Set(tried).size;
      expect(again).toBeLessThanOrEqual(open.others.size);
      expect(open.tried.length + again).toBe(tried.length);
    }
  });

  test('knows what a run held on the way, and tries none of its beginnings', async () => {
    const machine = toy({ leak: true });
    const met = await failing(machine, 1, 'nothing-left-behind');
    const open = gate({ model: toyModel, ...met, attempt: candidates(machine) });
    const before = machine.count.operations;
    for (let end = 1; end < open.best.length; end++)
      expect(await open.accept(open.best.slice(0, end), 'a beginning')).toBe(false);
    expect(machine.count.operations).toBe(before);
  });

  test('counts and logs what it tries', async () => {
    const machine = toy({ drift: true });
    const met = await failing(machine, 1, 'no-silent-drift');
    const before = machine.count.operations;
    const log: TriedCandidate[] = [];
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

  test('returns another violation that it meets', async () => {
    const machine = toy({ drift: true, leak: true });
    const job = { job: 'a' };
    const steps = [
      { operation: 'mount', args: job },
      { operation: 'mount', args: job },
      { operation: 'stop', args: job },
      { operation: 'stop', args: { job: 'b' } },
      { operation: 'edit', args: { job: 'b', colour: 'green' } },
      // Both bugs show here. The drift is judged first; without the edit only the leak is left.
      { operation: 'drop', args: job },
    ];
    const run = await runSteps(toyModel, machine, steps);
    if (run.verdict.kind !== 'violated') throw new Error('the toy does not show its bug');
    expect(run.verdict.violation.also).toEqual(['nothing-left-behind']);
    const { signature } = run.verdict.violation;
    const open = gate({ model: toyModel, run, signature, attempt: candidates(machine) });
    expect(await open.accept(steps.toSpliced(4, 1), 'without the edit')).toBe(false);
    expect(open.tried).toMatchObject([{ outcome: 'other' }]);
    const others = [...open.others.values()].map(({ verdict }) => verdict);
    expect(others).toMatchObject([{ kind: 'violated', violation: { invariant: 'nothing-left-behind' } }]);
  });

  test('repeats an inconclusive candidate once, and then gives it up', async () => {
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

  test('stops when the budget is spent, with the best so far', async () => {
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
