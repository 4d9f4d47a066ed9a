import { expect, test } from 'vitest';
import { usualLabs } from './usual-labs.ts';

const gib = 2 ** 30;

test('a machine for each core, as far as the memory goes, and at least one', () => {
  expect(usualLabs(2, 16 * gib)).toBe(2);
  expect(usualLabs(8, 32 * gib)).toBe(8);
  expect(usualLabs(8, 3 * gib)).toBe(4);
  expect(usualLabs(1, 16 * gib)).toBe(1);
  expect(usualLabs(4, gib / 2)).toBe(1);
  expect(usualLabs(128, 512 * gib)).toBe(16);
});
