import { expect, test } from 'vitest';
import { covering } from './covering.ts';

test('a few lists that together have everything, each for something new', () => {
  const lists = ['a', 'ab', 'bc', 'abc', 'd', 'da'].map(text => text.split(''));
  expect(covering(lists, list => list)).toEqual([['a', 'b', 'c'], ['d']]);
  expect(covering([], (list: readonly string[]) => list)).toEqual([]);
});
