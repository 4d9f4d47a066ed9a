import { beforeEach, expect, test, vi } from 'vitest';
import type { Verdict } from '../../src/engine/types.ts';
import { retriesVariable } from '../../src/setup/retries.mjs';
import { withoutPodmanRace } from './retry-podman-race.ts';

const raced = 'netavark (exit code 1): setns: IO error: Invalid argument (os error 22)';

const violation = { invariant: 'x', promise: 'x', details: [], signature: 'x', also: [], at: 0 };
const broken: Verdict = { kind: 'violated', violation };

let warnings: readonly unknown[];
beforeEach(() => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  warnings = warn.mock.calls;
  vi.stubEnv(retriesVariable, undefined); // what is tried here is not a repeated test
  return () => {
    warn.mockRestore();
    vi.unstubAllEnvs();
  };
});

async function triesUntil(...evidence: readonly (string | undefined)[]) {
  let tries = 0;
  const last = await withoutPodmanRace(async () => {
    const said = evidence[Math.min(tries++, evidence.length - 1)];
    return said === undefined ? { verdict: { kind: 'held' } as const } : { verdict: broken, evidence: said };
  });
  return { tries, last };
}

test('what podman raced with itself in is done again', async () => {
  expect(await triesUntil(raced, raced, undefined)).toEqual({ tries: 3, last: { verdict: { kind: 'held' } } });
  expect(warnings).toHaveLength(2);
});

test('what failed otherwise is not', async () => {
  expect(await triesUntil('no such container', undefined)).toEqual({
    tries: 1,
    last: { verdict: broken, evidence: 'no such container' },
  });
  expect(warnings).toHaveLength(0);
});

test('what always races ends', async () => {
  expect((await triesUntil(raced)).tries).toBe(10);
});

test('what the machine broke off is done again, and a promise broken then is not asked twice', async () => {
  const sick: Verdict = { kind: 'inconclusive', at: 0, reason: 'podman is blind', cause: 'machine' };
  const verdicts = [sick, broken, { kind: 'held' } as const];
  let tries = 0;
  expect(await withoutPodmanRace(async () => ({ verdict: verdicts[tries++] as Verdict }))).toEqual({ verdict: broken });
  expect([tries, warnings.length]).toEqual([2, 1]);
});
