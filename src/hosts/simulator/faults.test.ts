import { expect, test } from 'vitest';
import { homelab } from '../../../models/homelab.ts';
import { Unable } from '../../../models/host.ts';
import { unitPath } from '../../../models/machine/search-path.ts';
import { bench, containerStates, editedFile, ownedPath } from '../../../tests/helpers/simulated-host.ts';

test('a boot empties /run and runs what is wanted; what Home Manager links then it does not activate (D49)', async () => {
  const host = await bench();
  for (const directory of ['%t/systemd/user', '/run/systemd/user'] as const) {
    await host.place(unitPath(directory, 'web'), editedFile);
  }
  await host.place(ownedPath, { kind: 'dangling' });
  await host.registry('stop');
  expect((await host.machine('reboot')).ok).toBe(true);
  const { files, containers, generation } = await host.observe();
  expect(Object.keys(files).filter(path => /^(%t|\/run)\//.test(path))).toEqual([]);
  expect(files[ownedPath]).toMatchObject({ kind: 'generation', revision: 1 });
  expect(generation.home).toBe(1);
  expect(containers['web/app']?.state).toBe('running');
});

test('without linger no manager comes with a boot; with it one comes at once', async () => {
  const host = await bench();
  await host.machine('linger-off');
  await host.machine('reboot');
  const down = await host.observe();
  expect(down.manager).toBe('down');
  expect(down.containers['web/app']).toMatchObject({ state: 'exited', health: '' });
  await host.machine('linger-on');
  expect(containerStates(await host.observe())['web/app']).toBe('running');
});

test('a full store refuses what is new, and takes what it has', async () => {
  const host = await bench();
  await host.machine('fill-store');
  expect((await host.rebuild(host.changed('web', 'app', {}))).message).toContain('No space left on device');
  expect((await host.observe()).generation.profile).toBe(1);
  await host.machine('free-store');
  expect((await host.change('web', 'app', { greeting: 'goodbye' })).ok).toBe(true);
});

test('nobody writes below an /etc that cannot be written', async () => {
  const host = await bench();
  await host.machine('etc-read-only');
  await expect(host.place(unitPath('/etc/systemd/user', 'web'), editedFile)).rejects.toThrow(Unable);
  expect((await host.change('web', 'app', { greeting: 'goodbye' })).message).toContain('Read-only file system');
  await host.machine('etc-writable');
  expect((await host.change('web', 'app', { greeting: 'hello' })).ok).toBe(true);
});

test('what did not come up at the boot is started without a write below /etc', async () => {
  const host = await bench();
  await host.machine('power-cut');
  await host.machine('etc-read-only');
  expect((await host.rebuild(homelab.declaration)).ok).toBe(true);
  expect((await host.change('web', 'app', { greeting: 'goodbye' })).message).toContain('Read-only file system');
});
