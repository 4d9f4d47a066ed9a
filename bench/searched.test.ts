import { expect, test } from 'vitest';
import { toy } from '../src/engine/toy/machine.ts';
import { toyModel } from '../src/engine/toy/model.ts';
import { doneUntil } from './searched.ts';

test('the operations of all machines are counted, also those of runs that were cut short', async () => {
  const enough = new AbortController();
  const [one, other] = [toy(), toy()];
  const looked = (machine: typeof one): typeof one => ({
    ...machine,
    observe: async () => {
      if (one.count.operations + other.count.operations >= 200) enough.abort();
      return machine.observe();
    },
  });
  const counted = await doneUntil(enough.signal, toyModel, [looked(one), looked(other)]);
  expect([one.count.operations, other.count.operations].every(count => count > 50)).toBe(true);
  expect(counted).toBe(one.count.operations + other.count.operations);
});
