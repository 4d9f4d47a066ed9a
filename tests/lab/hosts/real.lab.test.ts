import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedObservation } from '../../../models/expected-observation.ts';
import type { Host } from '../../../models/host.ts';
import { firstWorld } from '../../../models/transitions/first.ts';
import { labAvailable } from '../../../src/hosts/lab/index.ts';
import { busScript } from '../../../src/hosts/real/observe/bus-script.ts';
import { secretValue } from '../../../src/hosts/real/secret-text.ts';
import { modelConfigOf } from '../../../src/profiles/setup.ts';
import { first, type LabHost, openLabHost, profile, second } from '../../helpers/lab-host.ts';

const owner = '~/.config/systemd/user';
const web = `${owner}/web-stack.service`;
describe.skipIf(!labAvailable().ok)('a real host', () => {
  let host: Host;
  let seen: LabHost['seen'];
  let done: LabHost['done'];
  let run: LabHost['run'];
  beforeAll(async () => {
    ({ host, seen, done, run } = await openLabHost(6));
  });
  afterAll(() => host?.close());

  test('after a reset it shows a faultless machine, and the same again when nothing happens', async () => {
    await host.reset();
    const shown = await seen();
    const world = firstWorld(modelConfigOf({ profile, provider: 'docker-compose' }));
    const { containers, units, ...rest } = expectedObservation(world);
    expect(shown).toMatchObject(rest);
    expect(Object.keys(shown.units)).toEqual(Object.keys(units).sort());
    // The model does not say how often it was started.
    for (const [name, { starts: _, ...unit }] of Object.entries(units)) {
      expect(shown.units[name]).toMatchObject({ ...unit, starts: 0 });
    }
    for (const [name, { health: _, ...container }] of Object.entries(containers)) {
      expect(shown.containers[name]).toMatchObject(container);
    }
    expect(Object.keys(shown.containers)).toEqual(Object.keys(containers).sort());
    expect(shown.containers['web/app']?.health).toBe('healthy');
    expect(await seen()).toEqual(shown);
    expect(await host.observe()).toEqual(shown);
    // Home Manager's unit fails at a boot, where no manager runs yet; the machine is as after a rebuild all the same.
    await run('systemctl is-active home-manager-homelab.service', 'root');
  });

  test('rebuild and roll back', async () => {
    await host.reset();
    await done(() => host.rebuild(first));
    const same = await seen();
    expect(Object.values(same.units).map(unit => unit.restarted)).toEqual([false, false]);
    await done(() => host.rebuild(second));
    const forward = await seen();
    expect(forward.generation).toEqual({ profile: 2, home: 2 });
    expect(forward.files[web]).toEqual({
      kind: 'generation',
      revision: 2,
      definition: { revision: 2, marker: 'declared' },
    });
    expect(forward.units['web-stack.service']).toMatchObject({ revision: 2, restarted: true });
    expect(forward.units['duo-stack.service']).toMatchObject({ revision: 1, restarted: false });
    expect(forward.containers['web/app']).toMatchObject({ greeting: 'hi', instance: 2 });
    // By this a rebuild without a change knows that the store has its generation.
    await run(
      '[ "$(head -n 1 /var/lib/stackfuzz/profile/.last-generation)" -ef /nix/var/nix/profiles/system ]',
      'root',
    );
    await done(() => host.place(web, { kind: 'stale' }));
    expect((await seen()).files[web]).toEqual(same.files[web]);
    await done(() => host.rollback());
    const back = await seen();
    expect(back.generation).toEqual({ profile: 1, home: 1 });
    expect(back.containers['web/app']).toMatchObject({ greeting: 'hello', instance: 3 });
  });

  test('while the manager is down the rest is still seen, and once it is back all of it', async () => {
    await host.reset();
    const calm = await seen();
    await done(() => host.manager('stop'));
    const down = await seen();
    expect(down).toMatchObject({ manager: 'down', units: {}, strayTimers: [] });
    expect(down.files).toEqual(calm.files);
    expect(Object.values(down.containers).map(one => one.state)).toEqual(['exited', 'exited', 'exited']);
    expect(await seen()).toEqual(down);
    await done(() => host.systemctl('restart', 'web-stack.service'), { ok: false });
    await done(() => host.manager('start'));
    const up = await seen();
    expect(up.manager).toBe('running');
    expect(Object.keys(up.units)).toEqual(['duo-stack.service', 'web-stack.service']);
    // Rootless podman sometimes fails to start two stacks at once; then the unit must show that it failed.
    for (const { activeState, restarted } of Object.values(up.units)) {
      expect([activeState, restarted]).toEqual(activeState === 'failed' ? ['failed', false] : ['active', true]);
    }
  });

  test('mounts of containers that are gone, and temporary files, are seen until they go', async () => {
    await host.reset();
    await seen();
    const storage = '~/.local/share/containers/storage/overlay-containers/$(printf c0ffee00%.0s 1 2 3 4 5 6 7 8)';
    await run(`touch /tmp/tmp.aB3dE6gH1j
mkdir -p ${storage}/userdata/shm && podman unshare mount -t tmpfs left ${storage}/userdata/shm`);
    expect((await seen()).leftovers).toEqual(['file /tmp/tmp-ID', 'mount of a container that is gone']);
    await run(`rm /tmp/tmp.*; podman unshare umount ${storage}/userdata/shm; rm -r ${storage}`);
    expect((await seen()).leftovers).toEqual([]);
  });

  test('evidence holds commands, units, containers and journal since the reset, and no secret', async () => {
    await host.reset();
    await host.secret('duo', 'missing');
    await host.systemctl('restart', 'duo-stack.service');
    const evidence = await host.evidence();
    expect(evidence).toContain('### systemctl --user restart duo-stack.service (operator): exit 1');
    expect(evidence).toContain('required secret /home/homelab/secrets/duo.env is missing');
    for (const part of ['manager', 'units', 'files', 'containers', 'images', 'jobs', 'journal since the reset']) {
      expect(evidence).toMatch(new RegExp(`^## ${part}\\n\\S`, 'm'));
    }
    for (const name of ['web', 'duo']) expect(evidence).not.toContain(secretValue(name));
    await host.reset();
    expect(await host.evidence()).not.toContain('systemctl --user restart');
  });

  test.each([
    { scope: '--user', as: 'operator' },
    { scope: '--system', as: 'root' },
  ] as const)('a manager says over its bus what busctl prints of it: $scope', async ({ scope, as }) => {
    const asked = 'org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager';
    // Units of health checks come and go between the two answers.
    await run(
      `scope=${scope}${busScript}
systemctl ${scope} set-environment 'ODD=a "quoted" word, \\ and é'
printed() {
  busctl ${scope} --json=short get-property ${asked} Environment
  busctl ${scope} --json=short call ${asked} ListUnits
}
same=no
for try in {1..50}; do
  one=$(ask_bus) && [ "$one" = "$(printed)" ] && same=yes && break
  sleep 0.1
done
systemctl ${scope} unset-environment ODD
[ $same = yes ]`,
      as,
    );
  });

  test('the fingerprint names what is under test', async () => {
    const names = ['systemd', 'podman', 'docker-compose', 'podman-compose', 'nix', 'crun', 'kernel', 'os'];
    const versions = await host.fingerprint();
    expect(Object.keys(versions)).toEqual(names);
    for (const name of names) expect(versions[name]).toMatch(/\d/);
  });
});
