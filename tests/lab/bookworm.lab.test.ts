import { afterAll, describe, expect, it } from 'vitest';
import type { Host } from '../../models/host.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { runSteps } from '../../src/engine/run/run.ts';
import { labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { releases } from '../../src/hosts/lab/root/releases.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { listProfiles, loadProfile } from '../../src/profiles/profile.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { casesInShare } from '../../src/setup/share.mjs';
import { ailment, untilJudged } from '../helpers/retry-machine-failure.ts';
import { app, type Sequence, step, web } from '../helpers/sequence.ts';

const rename = step('rename-service', { stack: 'duo', service: 'api', to: 'api2' });
const another = step('change-image-tag', { ...app, tag: 'v2' });
const unusable = [step('spoil-secret', { secret: 'web' }), step('restart', web)];

/** What podman-compose 1.0.3 does (facts.md F51), and what hardened makes of it; and how logind of systemd 252 forgets a user. */
const sequences: readonly Sequence[] = [
  { steps: [another], ends: 'success-means-converged' }, // D40
  { steps: [rename], ends: 'no-orphans' }, // D41
  { steps: unusable, ends: 'no-success-against-obstacles' }, // D42
  { profile: 'hardened', steps: [another, rename, step('rollback')], ends: 'held' },
  { profile: 'hardened', steps: unusable, ends: 'held', fails: ['restart'] },
  {
    profile: 'hardened',
    steps: [step('stop-manager'), step('start-manager'), step('kill', web), step('rebuild')],
    ends: 'held',
  },
];

const lab = labAvailable();

describe.skipIf(!lab.ok)(`Debian 12, on lab machines${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  // The others need a newer podman.
  const possible = listProfiles().filter(name =>
    loadProfile(name).providers.some(provider => releases.bookworm.providers.includes(provider)),
  );
  describe.each(possible)('under %s', name => {
    const chosen = targetOf(name, undefined, 'bookworm');
    let host: Promise<Host> | undefined;
    const opened = async (): Promise<Host> => {
      const deployment = deploymentOf(chosen);
      return realHost({
        ...deployment,
        machines: await labMachines(deployment, { suite: chosen.suite, expected: here.length }),
      });
    };
    afterAll(async () => (await host)?.close());

    const here: readonly Sequence[] = [
      { steps: [step('daemon-reload')], ends: 'held' },
      ...casesInShare(sequences).filter(({ profile = 'home-manager' }) => profile === name),
    ];

    it.each(here.map(one => ({ ...one, names: one.steps.map(({ operation }) => operation).join(', ') })))(
      '$names: $ends',
      async ({ steps, ends, fails = [] }) => {
        host ??= opened();
        const machine = await host;
        const model = modelOf(await loadCatalog(), modelConfigOf(chosen));
        const run = await untilJudged(() => runSteps(model, machine, steps), ailment);
        const { verdict } = run;
        expect(verdict.kind === 'violated' ? verdict.violation.invariant : verdict, run.evidence).toEqual(
          ends === 'held' ? { kind: 'held' } : ends,
        );
        const failed = run.taken.filter(({ claim }) => claim?.ok === false);
        expect(failed.map(taken => taken.step.operation)).toEqual(fails);
      },
    );
  });
});
