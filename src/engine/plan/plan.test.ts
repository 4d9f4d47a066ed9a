import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../../models/operation.ts';
import { toyModel } from '../toy/model.ts';
import { operations } from '../toy/operations.ts';
import { numbered, plans } from './arbitrary.ts';
import { aboutTheSame, assumed, planned, planning } from './plan.ts';

const size = { maxSteps: 40 };
const many = (count: number) => Array.from({ length: count }, (_, index) => planned(toyModel, 1, index, size));

describe('a plan', () => {
  test('is the same for the same seed and number, whatever was planned before', () => {
    const later = planned(toyModel, 5, 17, size);
    many(3);
    expect(planned(toyModel, 5, 17, size)).toEqual(later);
  });

  test('differs for another seed and another number', () => {
    const texts = new Set(
      [0, 1, 2].flatMap(seed => [0, 1, 2].map(index => JSON.stringify(planned(toyModel, seed, index, size)))),
    );
    expect(texts.size).toBe(9);
  });

  test('is pinned for the frozen catalog: a change here changes what every seed means', () => {
    const words = planned(toyModel, 1, 0, { maxSteps: 6 }).map(step =>
      [step.operation, ...Object.values(step.args)].join(' '),
    );
    expect(words).toMatchInlineSnapshot(`
      [
        "restart a",
        "rebuild",
        "drop b",
        "drop a",
      ]
    `);
  });

  test('holds only steps that are possible in their worlds, and plain JSON', () => {
    fc.assert(
      fc.property(plans(toyModel, size), steps => {
        let world = toyModel.start();
        for (const step of steps) {
          expect(operations.get(step.operation)?.allowed(world, step.args)).toBe(true);
          expect(Object.getPrototypeOf(step.args)).toBe(Object.prototype);
          world = assumed(toyModel, world, step);
        }
        expect(JSON.parse(JSON.stringify(steps))).toStrictEqual(steps);
      }),
    );
  });

  test('has 1 to maxSteps steps, most of them many', () => {
    const lengths = many(300).map(steps => steps.length);
    expect(Math.min(...lengths)).toBeGreaterThan(0);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(40);
    expect(lengths.filter(length => length > 20).length).toBeGreaterThan(150);
    expect(lengths.filter(length => length < 10).length).toBeGreaterThan(5);
  });

  test('is drawn from a part of the catalog in a minority of cases', () => {
    const narrow = many(300).filter(
      steps => steps.length >= 30 && new Set(steps.map(step => step.operation)).size <= 7,
    );
    const long = many(300).filter(steps => steps.length >= 30);
    expect(narrow.length).toBeGreaterThan(long.length / 20);
    expect(narrow.length).toBeLessThan(long.length / 3);
  });

  test('draws nothing that has no choices, and ends when nothing has', () => {
    const none = { ...toyModel, operations: new Map([['none', { ...rebuild(), choices: () => [] }]]) };
    expect(planned(none, 1, 1, size)).toEqual([]);
    const one = { ...toyModel, operations: new Map([...none.operations, ['rebuild', rebuild()]]) };
    expect(new Set(planned(one, 1, 1, size).map(step => step.operation))).toEqual(new Set(['rebuild']));
  });

  test('draws by weight', () => {
    const weighted = new Map([
      ['often', { ...rebuild(), weight: 9 }],
      ['seldom', rebuild()],
    ]);
    const steps = Array.from({ length: 100 }, (_, index) =>
      planned({ ...toyModel, operations: weighted }, 1, index, size),
    ).flat();
    const share = steps.filter(step => step.operation === 'often').length / steps.length;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.97);
  });

  test('follows a drift with a command that is about the same, more than half of the time', () => {
    const kindOf = ({ operation }: Step) => operations.get(operation)?.kind;
    const after = many(300).flatMap(steps =>
      steps.slice(1).flatMap((step, at) => (kindOf(steps[at] as Step) === 'drift' ? [[steps[at] as Step, step]] : [])),
    );
    const closed = after.filter(
      ([drift, step]) =>
        kindOf(step as Step) === 'command' && [undefined, drift?.args.job].includes((step as Step).args.job),
    );
    expect(after.length).toBeGreaterThan(200);
    // In half of the cases such a command is drawn on purpose, and by chance in half of the others.
    expect(closed.length / after.length).toBeGreaterThan(0.7);
  });

  test.each([
    [{ stack: 'web' }, { stack: 'web', service: 'app' }, true],
    [{ stack: 'web' }, { stack: 'duo' }, false],
    [{ stack: 'web' }, {}, true],
    [{}, { stack: 'duo' }, true],
    [{ secret: 'web-extra' }, { stack: 'web' }, true],
    [{ version: 'v2' }, { stack: 'web' }, false],
  ])('takes %j and %j to be about the same: %j', (drift, command, is) => {
    expect(aboutTheSame({ operation: 'any', args: drift })(command)).toBe(is);
  });

  test('fails if the catalog offers what it does not allow', () => {
    const wrong = { ...toyModel, operations: new Map([['wrong', { ...rebuild(), allowed: () => false }]]) };
    expect(() => planned(wrong, 1, 1, size)).toThrow('operation wrong offers as a choice what it does not allow: {}');
  });

  test('is the same if it is drawn step by step', async () => {
    const drawn = Array.from({ length: 20 }, (_, index) => planning(toyModel, 1, index, { maxSteps: 60 }, () => false));
    const plans = (await Promise.all(drawn)).map(({ steps }) => steps);
    expect(plans).toEqual(drawn.map((_, index) => planned(toyModel, 1, index, { maxSteps: 60 })));
  });

  test('ends while it is drawn, however long it is, when it is no longer wanted', async () => {
    let isOver = false;
    setImmediate(() => {
      isOver = true;
    });
    expect((await planning(toyModel, 1, 0, { maxSteps: 2 ** 31 }, () => isOver)).steps.length).toBeGreaterThan(0);
  });

  test('is given to fast-check by its number', () => {
    const drawn = fc.sample(
      numbered(index => planned(toyModel, 3, index, size), 4),
      { numRuns: 3, seed: 99 },
    );
    expect(drawn).toEqual([4, 5, 6].map(index => ({ index, steps: planned(toyModel, 3, index, size) })));
  });
});

function rebuild() {
  const operation = operations.get('rebuild');
  if (operation === undefined) throw new Error('the toy has no rebuild');
  return operation;
}
