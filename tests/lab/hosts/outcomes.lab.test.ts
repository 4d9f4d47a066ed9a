import { afterEach, describe, expect, it } from 'vitest';
import type { Host } from '../../../models/host.ts';
import { edited } from '../../../models/machine/declaration.ts';
import { alike } from '../../../models/observation.ts';
import { labAvailable } from '../../../src/hosts/lab/index.ts';
import { labMachines } from '../../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../../src/hosts/real/real.ts';
import { listProfiles, loadProfile } from '../../../src/profiles/profile.ts';
import { labDeployment } from '../../helpers/lab-host.ts';

const lab = labAvailable();
const web = 'web-stack.service';

describe.skipIf(!lab.ok)(`what a profile says for programs${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  let host: Host;
  afterEach(() => host?.close());

  /** A fresh machine under a profile, and the wanted declaration. */
  async function open(name: string) {
    const profile = loadProfile(name);
    const deployment = labDeployment(profile, profile.providers[0] ?? 'docker-compose');
    host = realHost({ ...deployment, machines: await labMachines(deployment, { expected: 1 }) });
    await host.reset();
    const next = edited(profile.declaration, 'web', services =>
      Object.fromEntries(Object.entries(services).map(([key, service]) => [key, { ...service, greeting: 'hi' }])),
    );
    return { profile, next };
  }

  it.each(listProfiles())('%s refuses where /etc cannot be written, and has touched nothing', async name => {
    const { next } = await open(name);
    const before = await host.observe();
    await host.machine('etc-read-only');
    const claim = await host.rebuild(next);
    expect(claim, claim.message).toMatchObject({ ok: false, outcomes: [{ kind: 'refused' }] });
    expect(claim.message).not.toContain('stackfuzz: ');
    await host.settle();
    const after = await host.observe();
    expect(alike({ ...after, generation: before.generation }, before), claim.message).toBe(true);
  });

  it('home-manager refuses a file in the way, and names it as the cause, also where the journal lags behind', async () => {
    const { profile, next } = await open('home-manager');
    await host.place(`${profile.owner}/${web}`, { kind: 'edited', marker: 'edited' });
    // It reads what an activation printed only after that has ended, and nothing of the unit's run is to be found any more.
    const lag =
      'pid=$(systemctl show -P MainPID systemd-journald); kill -STOP "$pid"; (sleep 3; kill -CONT "$pid") > /dev/null 2>&1 &';
    expect(await host.shell(lag, 'root')).toMatchObject({ ok: true });
    const claim = await host.rebuild(next);
    expect(claim, claim.message).toMatchObject({ ok: false, status: 4, outcomes: [{ kind: 'refused' }] });
    expect(claim.cause?.says).toMatch(/^Move these files away/);
  });

  it('hardened says that it refused, that it found a stale definition, and that it rolled back', async () => {
    const { next } = await open('hardened');
    await host.place(`/etc/systemd/user/${web}`, { kind: 'edited', marker: 'edited' });
    expect(await host.rebuild(next)).toMatchObject({ ok: false, status: 4, outcomes: [{ kind: 'refused' }] });
    await host.place(`/etc/systemd/user/${web}`, { kind: 'nothing' });
    await host.publish('stable', 'broken');
    const rolledBack = await host.autoUpdate();
    expect(rolledBack.ok).toBe(false);
    // Both stacks use the tag: the one whose container was made first is tried, and the other not after it.
    const unit = expect.toBeOneOf([web, 'duo-stack.service']);
    expect(rolledBack.outcomes).toContainEqual({ kind: 'rolled-back', unit });
    await host.publish('stable', 'v2');
    await host.place(`~/.config/systemd/user/${web}.d/50-drift.conf`, { kind: 'drop-in', marker: 'drop-in' });
    const stale = await host.autoUpdate('service');
    expect(stale.ok).toBe(false);
    expect(stale.outcomes).toEqual(expect.arrayContaining([{ kind: 'stale', unit: web }, { kind: 'refused' }]));
  });
});
