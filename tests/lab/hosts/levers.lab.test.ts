import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../../models/host.ts';
import { Sick } from '../../../models/host.ts';
import { edited } from '../../../models/machine/declaration.ts';
import { labAvailable } from '../../../src/hosts/lab/index.ts';
import { first, type LabHost, openLabHost, second } from '../../helpers/lab-host.ts';

const owner = '~/.config/systemd/user';
const web = `${owner}/web-stack.service`;
const duo = `${owner}/duo-stack.service`;
const edit = { revision: 1, marker: 'edited' };
describe.skipIf(!labAvailable().ok)('levers', () => {
  let host: Host;
  let seen: LabHost['seen'];
  let done: LabHost['done'];
  let run: LabHost['run'];
  beforeAll(async () => {
    ({ host, seen, done, run } = await openLabHost(6));
  });
  afterAll(() => host?.close());

  test('shell: a line of bash, as the operator with their manager and as root; its end is its claim', async () => {
    await host.reset();
    const asOperator = await host.shell('systemctl --user is-active web-stack.service && id -un && pwd', 'operator');
    expect(asOperator).toMatchObject({ ok: true, status: 0, message: expect.stringMatching(/^active\nhomelab\n/) });
    expect(await host.shell('id -un; journalctl --rotate --vacuum-time=1s', 'root')).toMatchObject({
      ok: true,
      message: expect.stringMatching(/^root\n/),
    });
    expect(await host.shell('echo "no such luck" >&2; exit 7', 'operator')).toMatchObject({
      ok: false,
      status: 7,
      message: 'no such luck',
    });
    // A line may kill what it likes: the machine does not count as sick.
    expect(await host.shell('kill -KILL $$', 'root')).toMatchObject({ ok: false, status: 137 });
    expect(await host.ailment?.()).toBe(null);
  });

  test('place: every kind of thing, in every directory, as its owner', async () => {
    await host.reset();
    const calm = await seen();
    await done(() => host.place(web, { kind: 'edited', marker: 'edited' }));
    await done(() => host.place(duo, { kind: 'foreign', marker: 'foreign' }));
    await done(() => host.place(`${owner}/default.target.wants/duo-stack.service`, { kind: 'identical' }));
    await done(() => host.place('~/.config/systemd/user.control/web-stack.service', { kind: 'mask' }));
    await done(() => host.place('%t/systemd/user.control/web-stack.service', { kind: 'empty' }));
    await done(() => host.place('%t/systemd/transient/web-stack.service', { kind: 'dangling' }));
    await done(() => host.place('%t/systemd/user/web-stack.service', { kind: 'directory' }));
    await done(() =>
      host.place('/etc/systemd/user/duo-stack.service.d/50-drift.conf', { kind: 'drop-in', marker: 'drop-in' }),
    );
    const drifted = await seen();
    expect(drifted.files).toEqual({
      ...calm.files,
      [web]: { kind: 'file', definition: edit },
      [duo]: { kind: 'link', target: '~/drift/duo-stack.service', definition: { ...edit, marker: 'foreign' } },
      [`${owner}/default.target.wants/duo-stack.service`]: {
        kind: 'file',
        definition: { ...edit, marker: 'declared' },
      },
      '~/.config/systemd/user.control/web-stack.service': { kind: 'link', target: '/dev/null', definition: null },
      '%t/systemd/user.control/web-stack.service': { kind: 'file', definition: null },
      '%t/systemd/transient/web-stack.service': {
        kind: 'link',
        target: '~/drift/missing/web-stack.service',
        definition: null,
      },
      '%t/systemd/user/web-stack.service': { kind: 'directory' },
      '/etc/systemd/user/duo-stack.service.d/50-drift.conf': {
        kind: 'file',
        definition: { revision: null, marker: 'drop-in' },
      },
    });
    expect(drifted.units['duo-stack.service']).toMatchObject({
      fragmentPath: duo,
      dropInPaths: [],
      marker: 'declared',
    });
    await done(() => host.systemctl('daemon-reload'));
    const { units } = await seen();
    expect(units['web-stack.service']).toMatchObject({ loadState: 'masked', activeState: 'active' });
    expect(units['duo-stack.service']).toMatchObject({
      fragmentPath: duo,
      dropInPaths: ['/etc/systemd/user/duo-stack.service.d/50-drift.conf'],
      marker: 'drop-in',
    });
    await done(() => host.place(web, { kind: 'nothing' }));
    expect((await seen()).files[web]).toBeUndefined();
    await expect(host.place(web, { kind: 'stale' })).rejects.toThrow('there is no older generation');
  });

  test('verbs, containers and secrets', async () => {
    await host.reset();
    await done(() => host.systemctl('stop', 'web-stack.service'));
    const stopped = await seen();
    expect(stopped.units['web-stack.service']).toMatchObject({ activeState: 'inactive' });
    expect(stopped.containers['web/app']).toMatchObject({ state: 'exited' });
    await done(() => host.systemctl('start', 'web-stack.service'));
    expect((await seen()).containers['web/app']).toMatchObject({ state: 'running', restarted: true, instance: 1 });
    await done(() => host.container('stop', 'duo', 'api'));
    await done(() => host.container('remove', 'duo', 'db'));
    await done(() => host.container('remove', 'duo', 'db'), { ok: false, message: 'no container of duo/db' });
    expect((await seen()).containers).toMatchObject({ 'duo/api': { state: 'exited' } });
    expect((await host.observe()).containers['duo/db']).toBeUndefined();
    await done(() => host.secret('web', 'missing'));
    await done(() => host.systemctl('restart', 'web-stack.service'), { ok: false, status: 1 });
    expect((await seen()).units['web-stack.service']).toMatchObject({ activeState: 'failed', result: 'exit-code' });
    await done(() => host.secret('web', 'present'));
    await done(() => host.systemctl('restart', 'web-stack.service'));
    expect((await seen()).units['web-stack.service']).toMatchObject({ activeState: 'active' });
  });

  test('publish changes the registry and nothing else; the update says what came of it', async () => {
    await host.reset();
    const calm = await seen();
    await done(() => host.publish('stable', 'v2'));
    expect(await seen()).toEqual(calm);
    await done(() => host.container('remove', 'web', 'app'));
    await done(() => host.systemctl('restart', 'web-stack.service'));
    // The image that the tag names is on the machine already, so nothing is pulled (facts-debian13 F79).
    expect((await seen()).containers['web/app']).toMatchObject({ image: 'v1', tag: 'stable', instance: 2 });
    // Containers made through podman's API have no image name that an update could follow (facts.md F44).
    const update = await host.autoUpdate();
    expect(update).toMatchObject({ ok: false, status: 125 });
    expect(update.updates).toBeUndefined(); // it lists nothing
    await expect(host.publish('stable', 'v99')).rejects.toThrow(Sick);
  });

  test('what fails names the unit at the bottom of it, and what its programs said, also where the journal is late', async () => {
    await host.reset();
    const withTag = (tag: string) =>
      edited(first, 'web', services =>
        Object.fromEntries(Object.entries(services).map(([name, service]) => [name, { ...service, tag }])),
      );
    const unit = 'web-stack.service';
    const image = 'Error response from daemon: {"message":"manifest unknown: manifest unknown"}';
    // Its last message is the same for both causes.
    const last = expect.stringMatching(/the following units failed: home-manager-homelab\.service$/);
    const expected = { ok: false, status: 4, message: last };
    expect(await host.rebuild(withTag('v9'))).toMatchObject({ ...expected, cause: { unit, says: image } });
    await done(() => host.secret('web', 'malformed'));
    const line = 'line 1: key cannot contain a space';
    expect(await host.rebuild(withTag('v8'))).toMatchObject({ ...expected, cause: { unit, says: line } });
    // For two seconds nothing that is printed reaches the journal.
    await run('kill -STOP "$(systemctl show --value -p MainPID systemd-journald)"', 'root');
    await run('systemd-run --quiet bash -c "sleep 2; pkill -CONT -x systemd-journal"', 'root');
    const { cause, message } = await host.autoUpdate('service');
    expect(cause).toMatchObject({
      unit: 'podman-auto-update.service',
      says: expect.stringContaining('raw-image name is empty'),
    });
    expect(message).toContain('raw-image name is empty');
  });

  test('what cannot be prepared is not done, and claims nothing', async () => {
    await host.reset();
    const calm = await seen();
    const modes = ['plain', 'twice', 'beside-update', 'as-manager-starts', 'interrupted'] as const;
    await run('mount -o remount,size=$(df -B 1 --output=used /home | tail -n 1) /home', 'root');
    for (const mode of modes) await expect(host.rebuild(second, mode)).rejects.toThrow(Sick);
    expect(await host.ailment?.()).toContain('/home has 0 bytes left');
    await run('mount -o remount,size=50% /home', 'root');
    expect(await host.ailment?.()).toBeNull();
    await run('mount -t tmpfs -o nr_inodes=1 tmpfs /tmp', 'root');
    for (const mode of modes.slice(1)) {
      if (mode !== 'as-manager-starts') await expect(host.rebuild(first, mode)).rejects.toThrow(Sick);
    }
    await expect(host.systemctl('edit', 'web-stack.service')).rejects.toThrow(Sick);
    await expect(host.place(web, { kind: 'edited', marker: 'edited' })).rejects.toThrow(Sick);
    await expect(host.publish('stable', 'v2')).rejects.toThrow(Sick);
    expect(await host.ailment?.()).toBe('/tmp has 0 inodes left');
    await run('umount /tmp', 'root');
    const { files, units, generation } = await seen();
    expect({ files, generation }).toEqual({ files: calm.files, generation: calm.generation });
    expect(Object.values(units).map(unit => unit.activeState)).toEqual(['active', 'active']);
    // What a step fills on purpose is no ailment.
    await done(() => host.machine('fill-store'));
    expect(await host.ailment?.()).toBeNull();
  });
});
