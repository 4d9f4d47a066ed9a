import { expect, test } from 'vitest';
import { ahead, pool } from './pool.ts';

test('a pool hands out each thing to one user at a time, in the order of the requests', async () => {
  const things = pool(['x', 'y']);
  const log: string[] = [];
  const use = (name: string, turns: number) =>
    things.use(async (thing, index) => {
      log.push(`${name} has ${thing}${index}`);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      log.push(`${name} gives ${thing}`);
    });
  await Promise.all([use('first', 20), use('second', 2), use('third', 2), use('fourth', 2)]);
  expect(log).toEqual([
    'first has x0',
    'second has y1',
    'second gives y',
    'third has y1',
    'third gives y',
    'fourth has y1',
    'fourth gives y',
    'first gives x',
  ]);
});

test('a pool gets back what a failing user had', async () => {
  const things = pool(['x']);
  await expect(things.use(async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await things.use(async thing => thing)).toBe('x');
});

test('work begins ahead of its turn, for as many as work at once, and never past the last piece', async () => {
  const begun: number[] = [];
  const queue = ahead(
    async index => {
      begun.push(index);
      if (index === 2) throw new Error('two');
      return index;
    },
    3,
    3,
  );
  expect(await queue.take(0)).toBe(0);
  expect(begun).toEqual([0, 1, 2]);
  expect(await queue.take(1)).toBe(1);
  expect(begun).toEqual([0, 1, 2, 3]);
  // A failure is reported when it is the turn of that work, and not before.
  await expect(queue.take(2)).rejects.toThrow('two');
  expect(await queue.rest()).toEqual([3]);
});
