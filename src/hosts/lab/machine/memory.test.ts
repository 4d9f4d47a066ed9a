import { expect, test } from 'vitest';
import { machineBytes, tmpfsOptions } from './memory.ts';

const gibibyte = 2 ** 30;

test('the memory of a machine is limited to an eighth, within bounds', () => {
  const sizes = [1, 4, 16, 24, 256].map(memory => machineBytes(memory * gibibyte, 0) / gibibyte);
  expect(sizes).toEqual([0.5, 0.5, 2, 3, 4]);
});

test('a cgroup with a lower limit has less to give', () => {
  expect(machineBytes(64 * gibibyte, 8 * gibibyte)).toBe(gibibyte);
  expect(machineBytes(8 * gibibyte, 2 ** 63)).toBe(gibibyte);
});

test('a tmpfs has limits on bytes and on files', () => {
  expect(tmpfsOptions(gibibyte)).toBe('mode=755,size=1073741824,nr_inodes=262144');
});
