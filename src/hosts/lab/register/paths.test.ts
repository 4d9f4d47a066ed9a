import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Problem } from '../../../problem.ts';
import { requireRoom } from '../root/available.ts';
import { beside, cacheDirectory } from './paths.ts';

test('the cache is outside of the project, or where STACKFUZZ_CACHE says', () => {
  expect(cacheDirectory({})).toBe('/var/cache/stackfuzz/lab');
  expect(cacheDirectory({ STACKFUZZ_CACHE: '/srv/cache' })).toBe('/srv/cache/lab');
});

test.each(['relative', '/with blank', '/with:colon', '/with,comma'])('a cache at %j is refused', path => {
  expect(() => cacheDirectory({ STACKFUZZ_CACHE: path })).toThrow(Problem);
});

test('files beside the sources are found', () => {
  expect(existsSync(beside('agent.pl'))).toBe(true);
  expect(existsSync(beside('prepare.sh'))).toBe(true);
});

test('a directory without room is refused, with what to type next', async () => {
  await expect(requireRoom('/', 1)).resolves.toBeUndefined();
  await expect(requireRoom('/', Number.MAX_SAFE_INTEGER)).rejects.toThrow(/expected .* MiB free.*\n.*STACKFUZZ_CACHE/);
});
