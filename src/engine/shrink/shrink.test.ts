import { describe, expect, test } from 'vitest';
import type { Step } from '../../../models/operation.ts';
import { planned } from '../plan/plan.ts';
import { runSteps } from '../run/run.ts';
import { candidates, failing, words } from '../toy/failing.ts';
import { listModel, pushes, toyList } from '../toy/list.ts';
import { type Faults, toy } from '../toy/machine.ts';
import { toyModel } from '../toy/model.ts';
import { frugal, shrink, thorough } from './shrink.ts';

/** Every answer for many seeds, with its number. */
async function answers(faults: Faults, invariant: string, how = thorough): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (let seed = 0; seed < 30; seed++) {
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
    expect(await answers({ drift: true }, 'no-silent-drift')).toEqual({ 'edit a green; stop a; rebuild': 30 });
  });

  test('of the leak bug is one of its two ways', async () => {
    const found = await answers({ leak: true }, 'nothing-left-behind');
    expect(Object.keys(found).sort()).toMatchInlineSnapshot(`
      [
        "add c; mount c; mount c; stop c; rollback",
        "mount a; mount a; stop a; drop a",
      ]
    `);
    expect(found['mount a; mount a; stop a; drop a']).toBeGreaterThan(20);
  });

  test('of the rollback bug has four or five steps, and ends with the rollback', async () => {
    for (const answer of Object.keys(await answers({ rollback: true }, 'rollback-complete'))) {
      expect(answer).toMatch(/rollback$/);
      expect(answer.split('; ').length).toBeLessThanOrEqual(5);
    }
  });

  test('of a bug that only the comparison shows is found as well', async () => {
    expect(await answers({ restart: true }, 'expected-observation')).toEqual({ 'restart a; restart a; restart a': 30 });
  });

  test('has no step that can be left out, even if the shrinker tries little', async () => {
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
      const attempt = (some: readonly Step[]) => runSteps(model, toyList(), some);
      const { best } = await shrink(
        { model, run: await attempt(steps), signature: 'list: the list is bad', attempt },
        thorough,
      );
      expect(best.map(step => step.args.number).join(' ')).toBe(answer);
    }
  });
});
