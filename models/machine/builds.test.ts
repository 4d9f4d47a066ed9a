import { expect, test } from 'vitest';
import { buildsIn, eitherOf, isKnown, mayBeSame } from './builds.ts';

test('a build that may be several is one text, whichever of them comes first', () => {
  expect(eitherOf('v2', 'v1')).toBe('v1|v2');
  expect(eitherOf('v1|v3', 'v2', 'v1')).toBe('v1|v2|v3');
  expect(eitherOf('v1', 'v1')).toBe('v1');
  expect([isKnown('v1'), isKnown('v1|v2')]).toEqual([true, false]);
  expect(buildsIn('v1|v2')).toEqual(['v1', 'v2']);
});

test('two builds may be the same where one may be what the other is', () => {
  expect([mayBeSame('v1', 'v1'), mayBeSame('v1|v2', 'v2'), mayBeSame('v2', 'v1|v2')]).toEqual([true, true, true]);
  expect([mayBeSame('v1', 'v2'), mayBeSame('v1|v2', 'v3'), mayBeSame('v1|v2', 'v3|v4')]).toEqual([false, false, false]);
});
