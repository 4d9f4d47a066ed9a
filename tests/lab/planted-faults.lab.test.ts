import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Provider } from '../../models/machine/traits.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { runSteps } from '../../src/engine/run/run.ts';
import type { Deployment, MachineSource } from '../../src/hosts/deployment.ts';
import { labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines, labMachinesEvenSo } from '../../src/hosts/lab/lab-machines.ts';
import { notRebuilt, preparation } from '../../src/hosts/real/prepare.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { casesInShare } from '../../src/setup/share.mjs';
import { ailment, untilJudged } from '../helpers/retry-machine-failure.ts';
import { addMeasured } from '../planted-faults/page.ts';
import { planted, providerOf } from '../planted-faults/planted.ts';
import { faultyProfile } from '../planted-faults/profile.ts';

/**
 * Each takes a machine: a share of the tables does two of them. STACKFUZZ_PLANTED names those that are done and written to
 * docs/.
 */
const named = process.env.STACKFUZZ_PLANTED?.split(',');
const all = planted.filter(({ harmless }) => harmless === undefined);
const part = casesInShare(all);
const faults =
  named !== undefined
    ? all.filter(({ name }) => named.includes(name))
    : part.length < all.length
      ? part.slice(0, 2)
      : part;

const lab = labAvailable();

/** Machines with the profile without a fault are booted ahead; each gets the faulty one by a rebuild. */
describe.skipIf(!lab.ok)(`planted faults, on lab machines${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-planted-'));
  const sound = new Map<Provider, Promise<MachineSource>>();

  afterAll(async () => {
    for (const machines of sound.values()) await (await machines).close();
    rmSync(folder, { recursive: true });
  });

  const soundFor = (provider: Provider): Promise<MachineSource> => {
    const expected = faults.filter(fault => providerOf(fault) === provider && fault.steps.length > 0).length;
    const machines = sound.get(provider) ?? labMachines(deploymentOf(targetOf('hardened', provider)), { expected });
    sound.set(provider, machines);
    return machines;
  };

  it.each(faults)('$name: its steps show it, by a promise that names it', async fault => {
    const provider = providerOf(fault);
    const chosen = targetOf(faultyProfile(fault, folder), provider);
    const deployment = deploymentOf(chosen);
    const fromTheStart = fault.steps.length === 0;
    const machines = fromTheStart
      ? await labMachinesEvenSo(deployment)
      : replacing(await soundFor(provider), deployment, Object.keys(chosen.profile.declaration.stacks));
    const host = realHost({ ...deployment, machines });
    try {
      const model = modelOf(await loadCatalog(), modelConfigOf(chosen));
      const { verdict, evidence } = await untilJudged(() => runSteps(model, host, fault.steps), ailment);
      const violation = verdict.kind === 'violated' ? verdict.violation : verdict;
      expect(violation, evidence).toMatchObject({
        at: fault.steps.length - 1,
        invariant: expect.toBeOneOf(fault.named),
      });
      if (named !== undefined && verdict.kind === 'violated')
        addMeasured(fault.name, { lab: verdict.violation.signature });
    } finally {
      await host.close();
      if (fromTheStart) await machines.close();
    }
  });
});

/** The same machines after another profile was copied to them and rebuilt, and every stack was started by it. */
const replacing = (machines: MachineSource, deployment: Deployment, stacks: readonly string[]): MachineSource => ({
  ...machines,
  close: async () => {},
  async take() {
    const machine = await machines.take();
    const [copy, rebuild] = [preparation(deployment).at(0), preparation(deployment).at(-1)];
    for (const lever of [copy, rebuild]) {
      if (lever === undefined) continue;
      const begun = performance.now();
      const ran = await machine.channel.run(lever.script, { as: lever.as, timeoutMs: lever.timeoutMs });
      if (ran.status !== 0) throw await notRebuilt(machine.channel, deployment, ran, performance.now() - begun);
    }
    const units = stacks.map(stack => `${stack}-stack.service`).join(' ');
    const ran = await machine.channel.run(`systemctl --user stop ${units} && systemctl --user start ${units}`);
    if (ran.status !== 0) throw new Error(`the stacks do not start by the faulty profile: ${ran.stderr}`);
    return machine;
  },
});
