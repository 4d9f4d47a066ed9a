import { expect, test } from 'vitest';
import { unraced } from './unraced.ts';

const raced = 'netavark (exit code 1): setns: IO error: Invalid argument (os error 22)';

async function triesUntil(...evidence: readonly (string | undefined)[]) {
  let tries = 0;
  const last = await unraced(async () => {
    const said = evidence[Math.min(tries++, evidence.length - 1)];
    return said === undefined ? {} : { evidence: said };
  });
  return { tries, last };
}

test('what podman raced with itself in is done again', async () => {
  expect(await triesUntil(raced, raced, undefined)).toEqual({ tries: 3, last: {} });
});

test('what failed otherwise is not', async () => {
  expect(await triesUntil('no such container', undefined)).toEqual({
    tries: 1,
    last: { evidence: 'no such container' },
  });
});

test('what always races ends', async () => {
  expect((await triesUntil(raced)).tries).toBe(10);
});
