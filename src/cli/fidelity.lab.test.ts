import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../models/host.ts';
import { loadCatalog, modelOf } from '../catalog.ts';
import { labAvailable } from '../hosts/lab/index.ts';
import { labMachines } from '../hosts/lab-machines.ts';
import { race } from '../hosts/races.ts';
import { realHost } from '../hosts/real.ts';
import { added, compare, type Tally, tableOf } from '../hosts/simulator/differential.ts';
import { setupOf } from '../profiles/setup.ts';
import { noteAgain } from '../setup/again.ts';
import { shared } from '../setup/share.mjs';
import { imitatedProfiles, settingOf, simulated } from './machines.ts';
import { subject } from './options.ts';
import { planCalls } from './plan-calls.ts';

/** Set STACKFUZZ_FIDELITY to a number to try that many plans of each kind, STACKFUZZ_SEED to draw others. */
const plans = Number(process.env.STACKFUZZ_FIDELITY ?? 1);
const seed = Number(process.env.STACKFUZZ_SEED ?? 1);
const indices = Array.from({ length: plans }, (_, index) => index);

const kinds = imitatedProfiles.flatMap(profile =>
  subject(profile).profile.providers.map(provider => ({ profile, provider })),
);
const all: Tally = new Map();
const lab = labAvailable();

/** The plans of a search, step by step on both, going on after lies: for each operation, how often both showed the same. */
describe.skipIf(!lab.ok).each(shared(kinds))('random plans of $profile with $provider', ({ profile, provider }) => {
  const chosen = subject(profile, provider);
  const tally: Tally = new Map();
  let machine: Host;
  beforeAll(async () => {
    const setting = settingOf(chosen);
    machine = realHost({ ...setting, machines: await labMachines(setting, { ahead: 1 }) });
  });
  afterAll(async () => {
    await machine?.close();
    added(all, tally);
    console.log(`${profile} with ${provider}: ${tableOf(tally).split('\n').at(-1)}`);
  });

  test.each(indices)('the simulator shows what the lab shows all through plan %i', async index => {
    const model = modelOf(await loadCatalog(), setupOf(chosen), 'simulator');
    const difference = await compare(simulated(chosen), machine, planCalls(model, seed, index, 20), tally);
    if (difference !== null && race.test(await machine.evidence())) {
      noteAgain(`${profile}, ${provider}: given up after "${difference.after.at(-1)}", where podman raced with itself`);
      return;
    }
    expect(difference).toBeNull();
  });
});

afterAll(() =>
  console.log(lab.ok ? `Steps after which simulator and lab showed the same:\n${tableOf(all)}` : `Skipped: ${lab.fix}`),
);
