import { expect, test } from 'vitest';
import { bench, containerStates, duoUnit, instances, unitIn } from '../../../../tests/helpers/simulated-host.ts';

test('any change of the file recreates everything (facts-debian13 F80)', async () => {
  const host = await bench('podman-compose');
  await host.change('duo', 'api', { greeting: 'goodbye' });
  expect(instances(await host.observe())).toEqual({ 'duo/api': 2, 'duo/db': 2, 'web/app': 1 });
});

test('stopped by hand: the same container again (facts-debian13 F80)', async () => {
  const host = await bench('podman-compose');
  await host.container('stop', 'duo', 'db');
  await host.systemctl('restart', duoUnit);
  expect((await host.observe()).containers['duo/db']).toMatchObject({ instance: 1, restarted: true });
});

test('podman refuses to remove what another container requires, and changes nothing (facts-debian13 F80)', async () => {
  const host = await bench('podman-compose');
  const before = await host.observe();
  const claim = await host.container('remove', 'duo', 'db');
  expect(claim.status).toBe(125);
  expect(claim.message).toContain('has dependent containers which must be removed before it');
  expect((await host.observe()).containers).toBe(before.containers);
  expect((await host.container('remove', 'duo', 'api')).ok).toBe(true);
  expect((await host.container('remove', 'duo', 'db')).ok).toBe(true);
});

test('an image that nobody has: success, and the service is missing (facts-debian13, section 2; defects.md D42)', async () => {
  const host = await bench('podman-compose');
  expect((await host.change('duo', 'api', { tag: 'gone' })).ok).toBe(true);
  const seen = await host.observe();
  expect(unitIn(seen, duoUnit).activeState).toBe('active');
  expect(containerStates(seen)).toEqual({ 'duo/db': 'running', 'web/app': 'running' });
});

test('a new build in the registry changes nothing, pulled or not (facts-debian13 F80)', async () => {
  const host = await bench('podman-compose');
  await host.publish('stable', 'v2');
  await host.systemctl('restart', duoUnit);
  expect((await host.observe()).containers['duo/api']).toMatchObject({ image: 'v1', instance: 1 });
});
