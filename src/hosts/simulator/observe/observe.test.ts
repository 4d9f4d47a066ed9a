import { expect, test } from 'vitest';
import { homelab } from '../../../../models/homelab.ts';
import { withStackRemoved } from '../../../../models/machine/declaration.ts';
import { bench, duoUnit, ownedPath, unitIn, webUnit } from '../../../../tests/helpers/simulated-host.ts';

test('right after a reset nothing was restarted, and every container is the first of its service', async () => {
  const seen = await (await bench()).observe();
  expect(seen).toMatchObject({ manager: 'running', generation: { profile: 1, home: 1 }, strayTimers: [] });
  expect(Object.keys(seen.containers)).toEqual(['duo/api', 'duo/db', 'web/app']);
  for (const one of Object.values(seen.containers)) expect(one).toMatchObject({ instance: 1, restarted: false });
  for (const one of Object.values(seen.units)) expect(one).toMatchObject({ activeState: 'active', restarted: false });
});

test('restarted is about the last look, not about the reset', async () => {
  const host = await bench();
  await host.systemctl('restart', webUnit);
  expect(unitIn(await host.observe()).restarted).toBe(true);
  expect(unitIn(await host.observe()).restarted).toBe(false);
});

test('a recreated container is the next instance, not one that was restarted', async () => {
  const host = await bench();
  await host.container('remove', 'web', 'app');
  await host.observe();
  await host.systemctl('restart', webUnit);
  expect((await host.observe()).containers['web/app']).toMatchObject({ instance: 2, restarted: false });
});

test('sections that did not change are the same objects', async () => {
  const host = await bench();
  const one = await host.observe();
  expect((await host.observe()).units).toBe(one.units);
  await host.container('stop', 'web', 'app');
  const other = await host.observe();
  expect(other.units).toBe(one.units);
  expect(other.files).toBe(one.files);
  expect(other.containers['duo/db']).toBe(one.containers['duo/db']);
  expect(other.containers['web/app']).not.toBe(one.containers['web/app']);
});

test('what was seen stays as it was seen', async () => {
  const host = await bench();
  const before = await host.observe();
  const copy = structuredClone(before);
  await host.drift({ kind: 'mask' });
  await host.systemctl('daemon-reload');
  await host.manager('stop');
  await host.observe();
  expect(before).toEqual(copy);
});

test('files are shown by lstat and readlink, in the order of their paths (facts.md F3)', async () => {
  const host = await bench();
  await host.drift({ kind: 'foreign', marker: 'other' });
  await host.place(`/etc/systemd/user/${duoUnit}`, { kind: 'directory' });
  const { files } = await host.observe();
  expect(Object.keys(files)).toEqual([...Object.keys(files)].sort());
  expect(files[ownedPath]).toEqual({
    kind: 'link',
    target: `~/drift/${webUnit}`,
    definition: { revision: 1, marker: 'other' },
  });
  expect(files[`/etc/systemd/user/${duoUnit}`]).toEqual({ kind: 'directory' });
});

test('a reset takes everything back', async () => {
  const host = await bench();
  const before = await host.observe();
  await host.change('web', 'app', { greeting: 'goodbye' });
  await host.secret('duo', 'missing');
  await host.publish('stable', 'v3');
  await host.manager('stop');
  await host.reset();
  expect(await host.observe()).toEqual(before);
  expect((await host.systemctl('restart', duoUnit)).ok).toBe(true);
});

test('the network of a stack that is gone is seen once nothing else speaks for it', async () => {
  const host = await bench();
  await host.container('remove', 'web', 'app');
  expect((await host.observe()).leftovers).toEqual([]);
  await host.rebuild(withStackRemoved(homelab.declaration, 'web'));
  expect((await host.observe()).leftovers).toEqual(['network web_default']);
});
