import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../models/host.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { buildRoot, labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { casesInShare } from '../../src/setup/share.mjs';
import { covering } from '../helpers/covering.ts';
import { withoutPodmanRace } from '../helpers/retry-podman-race.ts';
import type { Sequence } from '../helpers/sequence.ts';
import { machinesFor, onSharedMachine } from '../helpers/shared-machine.ts';

/** Every operation on a real machine: the lists of sequences in tests/tables/operations, found by their folder. */
const lists = import.meta.glob<{ default?: readonly Sequence[] }>('../tables/operations/*.ts', { eager: true });
const all = Object.values(lists).flatMap(list => list.default ?? []);
/** As few sequences as do each operation once, and a share of the others. */
const few = covering(all, ({ steps }) => steps.map(({ operation }) => operation));
const sequences = [...few, ...casesInShare(all.filter(one => !few.includes(one)))];
const whereOf = ({ profile = 'home-manager', provider = 'docker-compose' }: Sequence) => `${profile} ${provider}`;

const lab = labAvailable();

describe.skipIf(!lab.ok)(`every operation, on a lab machine${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  describe.each([...new Set(sequences.map(whereOf))])('under %s', where => {
    const [profile, provider] = where.split(' ') as [string, string];
    // Decided when there is a root: a profile may have compose files, which are read in it.
    let chosen: ReturnType<typeof targetOf>;
    let host: Host;
    let run: ReturnType<typeof onSharedMachine>;

    beforeAll(async () => {
      await buildRoot();
      chosen = targetOf(profile, provider);
      const deployment = deploymentOf(chosen);
      const model = modelOf(await loadCatalog(), modelConfigOf(chosen));
      const sequences = here.map(({ steps }) => steps);
      const expected = await machinesFor(model, chosen, sequences);
      host = realHost({ ...deployment, machines: await labMachines(deployment, { expected }) });
      run = onSharedMachine(host);
    });

    afterAll(() => host?.close());

    const here = sequences
      .filter(one => whereOf(one) === where)
      .map(one => ({ ...one, names: one.steps.map(({ operation }) => operation).join(', ') }));

    it.each(here)('$names: $ends', async ({ steps, ends, fails, mayHold }) => {
      const model = modelOf(await loadCatalog(), modelConfigOf(chosen));
      const { verdict, taken, evidence } = await withoutPodmanRace(() => run(model, steps));
      expect(taken.filter(({ skipped }) => skipped)).toEqual([]);
      if (mayHold && verdict.kind === 'held') return;
      expect(verdict.kind === 'violated' ? verdict.violation.invariant : verdict, evidence).toEqual(
        ends === 'held' ? { kind: 'held' } : ends,
      );
      expect(taken.filter(({ claim }) => claim?.ok === false).map(({ step }) => step.operation)).toEqual(fails ?? []);
    });
  });

  it('leaves no operation out', async () => {
    const used = new Set(few.flatMap(({ steps }) => steps.map(({ operation }) => operation)));
    expect([...(await loadCatalog()).operations.keys()].filter(name => !used.has(name))).toEqual([]);
  });
});
