import { expect, test, vi } from 'vitest';
import type { Verdict } from '../../src/engine/types.ts';
import { retriesVariable } from '../../src/setup/retries.mjs';
import { ailment, untilJudged } from './retry-machine-failure.ts';

const sick: Verdict = { kind: 'inconclusive', at: 0, reason: 'podman is blind', cause: 'machine' };

async function tried(...verdicts: readonly Verdict[]) {
  vi.stubEnv(retriesVariable, undefined); // what is tried here is not a repeated test
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  let tries = 0;
  const { verdict } = await untilJudged(
    async () => ({ verdict: verdicts[Math.min(tries++, verdicts.length - 1)] as Verdict }),
    ailment,
  );
  const warnings = warn.mock.calls.map(([line]) => line);
  warn.mockRestore();
  vi.unstubAllEnvs();
  return { tries, warnings, ends: verdict.kind };
}

const warning = 'done again, since the machine broke off: podman is blind';

test('what the machine broke off is done again, and told of', async () => {
  expect(await tried(sick, { kind: 'held' })).toEqual({ tries: 2, warnings: [warning], ends: 'held' });
});

test('a machine that always breaks off stays undecided', async () => {
  expect(await tried(sick)).toEqual({ tries: 3, warnings: [warning, warning], ends: 'inconclusive' });
});

test('what was judged, or stopped, is not asked again', async () => {
  const stopped: Verdict = { kind: 'inconclusive', at: 0, reason: 'Ctrl-C', cause: 'stopped' };
  const violation = { invariant: 'x', promise: 'x', details: [], signature: 'x', also: [], at: 0 };
  for (const verdict of [{ kind: 'held' }, { kind: 'violated', violation }, stopped] as const)
    expect(await tried(verdict, { kind: 'held' })).toEqual({ tries: 1, warnings: [], ends: verdict.kind });
});
