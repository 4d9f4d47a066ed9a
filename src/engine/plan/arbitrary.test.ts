import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../../models/operation.ts';
import { toyModel } from '../toy/model.ts';
import { plans } from './arbitrary.ts';
import { assumed } from './plan.ts';

const words = (steps: readonly Step[] | undefined) =>
  steps?.map(step => [step.operation, ...Object.values(step.args)].join(' '));

/** What fast-check throws when a property of a user holds for no plan like this. */
function shortest(isLike: (steps: readonly Step[]) => boolean, seed: number) {
  const drawn = plans(toyModel, { maxSteps: 30 });
  const property = fc.property(drawn, steps => {
    expectPossible(steps);
    return !isLike(steps);
  });
  const { counterexample } = fc.check(property, { seed, numRuns: 1_000 });
  return words(counterexample?.[0]);
}

function expectPossible(steps: readonly Step[]): void {
  let world = toyModel.start();
  for (const step of steps) {
    expect(toyModel.operations.get(step.operation)?.allowed(world, step.args)).toBe(true);
    world = assumed(toyModel, world, step);
  }
}

const does = (steps: readonly Step[], name: string) => steps.filter(({ operation }) => operation === name).length;
const seeds = [1, 2, 3, 4, 5];

describe('fast-check shrinks a plan', () => {
  test.each(seeds)('to the one step that matters, with the simplest arguments (seed %i)', seed => {
    const [first] = toyModel.operations.get('drop')?.choices(toyModel.start()) ?? [];
    expect(shortest(steps => does(steps, 'drop') > 0, seed)).toEqual([`drop ${first?.job}`]);
  });

  test.each(seeds)('to a step and what makes it possible (seed %i)', seed => {
    const short = shortest(steps => does(steps, 'rollback') > 0, seed);
    expect(short).toHaveLength(2);
    expect(short?.at(-1)).toBe('rollback');
  });

  test.each(seeds)('to as many steps as it takes (seed %i)', seed => {
    expect(shortest(steps => does(steps, 'rebuild') > 2, seed)).toEqual(['rebuild', 'rebuild', 'rebuild']);
  });
});
