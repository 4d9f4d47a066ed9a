import { expect, test } from 'vitest';
import { bench, containerStates, duoUnit, instances } from '../../../../tests/helpers/simulated-host.ts';

test('a change of db recreates db and, with it, api, which depends on it (facts-debian13 F79)', async () => {
  const host = await bench();
  await host.change('duo', 'db', { greeting: 'goodbye' });
  expect(instances(await host.observe())).toEqual({ 'duo/api': 2, 'duo/db': 2, 'web/app': 1 });
});

test('a change of api recreates api only; another tag of the same build is a change (facts-debian13 F79)', async () => {
  const host = await bench();
  await host.change('duo', 'api', { tag: 'v1' });
  expect(instances(await host.observe())).toEqual({ 'duo/api': 2, 'duo/db': 1, 'web/app': 1 });
});

test('a renamed service: the old one goes, who depends on it is recreated (facts-debian13 F79)', async () => {
  const host = await bench();
  const declaration = host.changed('duo', 'db', {});
  const { db, api } = declaration.stacks.duo?.services ?? {};
  if (db === undefined || api === undefined) throw new Error('the homelab has changed');
  const services = { db2: db, api: { ...api, dependsOn: ['db2'] } };
  const stacks = { ...declaration.stacks, duo: { revision: 2, secrets: ['duo'], services } };
  await host.rebuild({ revision: 2, stacks });
  expect(instances(await host.observe())).toEqual({ 'duo/api': 2, 'duo/db2': 1, 'web/app': 1 });
});

test('stopped by hand: the same container again; removed: a new one, and api is left alone (facts-debian13 F79)', async () => {
  const host = await bench();
  await host.container('stop', 'duo', 'api');
  expect(containerStates(await host.observe())['duo/api']).toBe('exited');
  await host.systemctl('restart', duoUnit);
  expect((await host.observe()).containers['duo/api']).toMatchObject({ instance: 1, restarted: true });
  expect((await host.container('remove', 'duo', 'db')).ok).toBe(true);
  await host.systemctl('restart', duoUnit);
  expect(instances(await host.observe())).toEqual({ 'duo/api': 1, 'duo/db': 2, 'web/app': 1 });
});

test('a stop that fails for one leaves running what it depends on (facts.md F220)', async () => {
  const stopped = async (service: string) => {
    const host = await bench();
    await host.container('kill-conmon', 'duo', service);
    await host.systemctl('stop', duoUnit);
    return containerStates(await host.observe());
  };
  expect(await stopped('api')).toMatchObject({ 'duo/api': 'exited', 'duo/db': 'running' });
  expect(await stopped('db')).toMatchObject({ 'duo/api': 'exited', 'duo/db': 'exited' });
});

test('a new build in the registry changes nothing until it is pulled (facts-debian13 F79)', async () => {
  const host = await bench();
  await host.publish('stable', 'v2');
  await host.systemctl('restart', duoUnit);
  expect((await host.observe()).containers['duo/api']).toMatchObject({ image: 'v1', instance: 1 });
});

test('an image that nobody has: up fails before anything is made (facts-debian13, section 2)', async () => {
  const host = await bench();
  expect((await host.change('duo', 'api', { tag: 'gone' })).ok).toBe(false);
  expect(containerStates(await host.observe())).toMatchObject({ 'duo/db': 'exited', 'duo/api': 'exited' });
  expect(await host.evidence()).toContain('manifest unknown');
});
