import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../models/host.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { planCalls } from '../../src/cli/commands/explore/plan-calls.ts';
import { deploymentOf, imitatedProfiles, simulated } from '../../src/cli/machines.ts';
import { type Target, targetOf } from '../../src/cli/options.ts';
import { buildRoot, labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { race } from '../../src/hosts/real/races.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { compare, type Tally, tableOf, tallied } from '../../src/hosts/simulator/differential.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { noteAgain } from '../../src/setup/again.ts';
import { casesInShare } from '../../src/setup/share.mjs';

/** Set STACKFUZZ_FIDELITY to a number to try that many plans of each kind, STACKFUZZ_SEED to draw others. */
const plans = Number(process.env.STACKFUZZ_FIDELITY ?? 1);
const seed = Number(process.env.STACKFUZZ_SEED ?? 1);
const indices = Array.from({ length: plans }, (_, index) => index);

const kinds = [
  ...imitatedProfiles.flatMap(profile => targetOf(profile).profile.providers.map(provider => ({ profile, provider }))),
  // With compose files of an operator's own.
  { profile: 'tests/profiles/own', provider: 'docker-compose' },
  { profile: 'tests/profiles/own-pc', provider: 'podman-compose' },
  { profile: 'tests/profiles/own-hardened', provider: 'docker-compose' },
];
const all: Tally = new Map();
const lab = labAvailable();

/** The plans of a search, step by step on both machines, also after lies: for each operation, how often both showed the same. */
describe.skipIf(!lab.ok).each(casesInShare(kinds))(
  'random plans of $profile with $provider',
  ({ profile, provider }) => {
    // Settled once there is a root: a profile may have compose files, which are read in it.
    let chosen: Target;
    const tally: Tally = new Map();
    let machine: Host;
    beforeAll(async () => {
      await buildRoot();
      chosen = targetOf(profile, provider);
      const deployment = deploymentOf(chosen);
      machine = realHost({ ...deployment, machines: await labMachines(deployment, { expected: plans }) });
    });
    afterAll(async () => {
      await machine?.close();
      tallied(all, tally);
      console.log(`${profile} with ${provider}: ${tableOf(tally).split('\n').at(-1)}`);
    });

    test.each(indices)('the simulator shows what the lab shows all through plan %i', async index => {
      const model = modelOf(await loadCatalog(), modelConfigOf(chosen), 'simulator');
      const difference = await compare(simulated(chosen), machine, planCalls(model, seed, index, 20), tally);
      if (difference !== null && race.test(await machine.evidence())) {
        noteAgain(
          `${profile}, ${provider}: given up after "${difference.after.at(-1)}", where podman raced with itself`,
        );
        return;
      }
      expect(difference).toBeNull();
    });
  },
);

afterAll(() =>
  console.log(lab.ok ? `Steps after which simulator and lab showed the same:\n${tableOf(all)}` : `Skipped: ${lab.fix}`),
);
