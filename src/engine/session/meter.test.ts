import { expect, test } from 'vitest';
import { meter } from './meter.ts';

test('a meter counts operations and seconds, and says when the budget is spent', () => {
  let now = 5000;
  const both = meter({ operations: 3, seconds: 2 }, () => now);
  both.spend(2);
  now += 1999;
  expect([both.spent(), both.enough()]).toEqual([2, undefined]);
  now += 1;
  expect(both.enough()).toBe('the budget of 2 seconds is spent');
  both.spend(1);
  expect(both.enough()).toBe('the budget of 3 operations is spent');
  expect(meter({}).enough()).toBeUndefined();
});
