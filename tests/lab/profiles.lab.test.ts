import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { runSteps } from '../../src/engine/run/run.ts';
import { labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { listProfiles, loadProfile } from '../../src/profiles/profile.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { emptyFolder, runStackfuzz } from '../helpers/command.ts';
import { ailment, untilJudged } from '../helpers/retry-machine-failure.ts';

const lab = labAvailable();
const subjects = listProfiles().flatMap(name => loadProfile(name).providers.map(provider => ({ name, provider })));

describe.skipIf(!lab.ok)(`each profile, on a lab machine${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  it.each(subjects)('$name with $provider starts as the model expects, and reloads', async ({ name, provider }) => {
    const chosen = targetOf(name, provider);
    const deployment = deploymentOf(chosen);
    const host = realHost({ ...deployment, machines: await labMachines(deployment, { expected: 1 }) });
    try {
      const steps = [{ operation: 'daemon-reload', args: {} }];
      const model = modelOf(await loadCatalog(), modelConfigOf(chosen));
      const run = await untilJudged(() => runSteps(model, host, steps), ailment);
      expect(run.verdict, run.evidence).toEqual({ kind: 'held' });
    } finally {
      await host.close();
    }
  });

  /** A profile of the operator's own, one script of which prints a line and fails. */
  function withFailing(name: 'install' | 'rebuild'): string {
    const folder = emptyFolder();
    cpSync(loadProfile('home-manager').directory, join(folder, 'mine'), { recursive: true });
    const script = `#!/bin/sh\necho "the store is closed" >&2\nexit 7\n# ${folder}\n`;
    writeFileSync(join(folder, 'mine', name), script, { mode: 0o755 });
    return folder;
  }
  const fuzz = ['fuzz', '--host', 'lab', '--labs', '1', '--schedule', 'walks', '--profile', './mine', '--runs', '2'];

  it('whose install command fails is a mistake in the profile, told in its own words', async () => {
    const { status, out, err } = await runStackfuzz(fuzz, withFailing('install'));
    expect({ status, out }).toEqual({ status: 3, out: '' });
    expect(err).toContain("mine/profile.yaml: expected the profile's install command to succeed on a fresh machine");
    expect(err).toContain('found that it ended with 7, with:\n  | the store is closed\n');
    expect(err).not.toContain('machine comes up');
  });

  it('whose very first rebuild fails without a reason is a finding of no steps, saved and told', async () => {
    const folder = withFailing('rebuild');
    const { status, out } = await runStackfuzz(fuzz, folder);
    expect(status, out).toBe(1);
    expect(out).toContain('nothing but the first rebuild');
    const saved = readFileSync(join(folder, 'corpus/failure-is-justified/first-rebuild.json'), 'utf8');
    expect(JSON.parse(saved)).toMatchObject({
      steps: [],
      details: ['rebuild failed with status 7, and nothing stands in its way: the store is closed'],
    });
    const evidence = readFileSync(join(folder, 'corpus/failure-is-justified/first-rebuild.evidence.txt'), 'utf8');
    expect(evidence).toContain('## journal since the reset');
  });
});
