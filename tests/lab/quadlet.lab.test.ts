import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../models/host.ts';
import type { Step } from '../../models/operation.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { isTurnAmong } from '../../src/setup/share.mjs';
import { withoutPodmanRace } from '../helpers/retry-podman-race.ts';
import { app, duo, step, web } from '../helpers/sequence.ts';
import { onSharedMachine } from '../helpers/shared-machine.ts';

const isDone = labAvailable().ok && isTurnAmong(1, 2);
const chosen = targetOf('quadlet');
const model = modelOf(await loadCatalog(), modelConfigOf(chosen));
const s13 = (await loadCatalog()).scenarios.get('S13')?.cases(modelConfigOf(chosen)) ?? {};

/**
 * Each sequence leaves the machine like a fresh one, so that the next one uses it; the scenario comes last, and leaves other
 * images.
 */
const sequences: readonly (readonly Step[])[] = [
  [step('kill-conmon', app), step('rebuild')],
  [step('stop-container', { ...duo, service: 'db' }), step('start', duo)],
  [step('stop', web), step('start', web)],
  s13['asked for, and not done'] ?? [],
];

describe.skipIf(!isDone)('quadlets, on a lab machine', () => {
  let host: Host;
  let run: ReturnType<typeof onSharedMachine>;
  beforeAll(async () => {
    const deployment = deploymentOf(chosen);
    host = realHost({ ...deployment, machines: await labMachines(deployment, { expected: 1 }) });
    run = onSharedMachine(host);
  });
  afterAll(() => host?.close());

  it.each(sequences.map(steps => ({ steps, names: steps.map(({ operation }) => operation).join(', ') })))(
    '$names: held',
    async ({ steps }) => {
      expect(steps.length).toBeGreaterThan(1);
      const { verdict, taken, evidence } = await withoutPodmanRace(() => run(model, steps));
      expect(verdict, evidence).toEqual({ kind: 'held' });
      expect(taken.filter(({ skipped, claim }) => skipped || claim?.ok === false)).toEqual([]);
    },
  );
});
