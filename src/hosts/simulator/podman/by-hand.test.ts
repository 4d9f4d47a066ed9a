import { describe, expect, test } from 'vitest';
import { bench, containerStates, instances, unitIn, webUnit } from '../../../../tests/helpers/simulated-host.ts';

describe.each([
  ['docker-compose', 'failed'],
  ['podman-compose', 'inactive'],
] as const)('with %s', (provider, active) => {
  test.each([
    ['kill-conmon', 'unwatched'],
    ['kill-both', 'dead'],
  ] as const)(
    'after %s podman knows nothing; a stop says %s, a restart heals (facts-debian13 F84, F86)',
    async (action, state) => {
      const host = await bench(provider);
      await host.container(action, 'web', 'app');
      expect(containerStates(await host.observe())['web/app']).toBe(state);
      expect((await host.systemctl('stop', webUnit)).ok).toBe(true);
      const stopped = await host.observe();
      expect(unitIn(stopped).activeState).toBe(active);
      expect(containerStates(stopped)['web/app']).toBe('exited');
      expect((await host.systemctl('restart', webUnit)).ok).toBe(true);
      const seen = await host.observe();
      expect([containerStates(seen)['web/app'], instances(seen)['web/app']]).toEqual(['running', 1]);
    },
  );

  test.each(['kill-conmon', 'kill-both'] as const)(
    'after %s the first removal ends the container and fails, the second removes it (facts-debian13 F84)',
    async action => {
      const host = await bench(provider);
      await host.container(action, 'web', 'app');
      expect(await host.container('remove', 'web', 'app')).toMatchObject({ ok: false, status: 125 });
      expect(containerStates(await host.observe())['web/app']).toBe('exited');
      expect(await host.container('remove', 'web', 'app')).toMatchObject({ ok: true });
      expect(containerStates(await host.observe())['web/app']).toBeUndefined();
    },
  );

  test('a payload that was killed runs again where its restart policy says so (facts-debian13 F85)', async () => {
    const host = await bench(provider);
    await host.container('kill', 'web', 'app');
    expect(containerStates(await host.observe())['web/app']).toBe('exited');
    await host.change('web', 'app', { restart: 'always' });
    await host.observe();
    await host.container('kill', 'web', 'app');
    expect((await host.observe()).containers['web/app']).toMatchObject({ state: 'running', restarted: true });
  });

  test('a tag that a hand moved is in force after a start by docker compose alone (facts.md F162)', async () => {
    const host = await bench(provider);
    expect((await host.podman({ deed: 'tag', tag: 'stable', version: 'v3' })).ok).toBe(false);
    expect((await host.podman({ deed: 'build', tag: 'stable' })).ok).toBe(true);
    expect((await host.observe()).containers['web/app']?.image).toBe('v1');
    expect((await host.systemctl('restart', webUnit)).ok).toBe(true);
    const { image } = (await host.observe()).containers['web/app'] ?? {};
    expect(image).toBe(provider === 'docker-compose' ? 'by-hand' : 'v1');
  });

  test('a network is removed by force with the containers on it (facts.md F164)', async () => {
    const host = await bench(provider);
    await host.systemctl('stop', webUnit);
    expect((await host.podman({ deed: 'remove-network', network: 'web_default' })).ok).toBe(true);
    expect(containerStates(await host.observe())['web/app']).toBeUndefined();
    expect((await host.systemctl('start', webUnit)).ok).toBe(true);
    expect(containerStates(await host.observe())['web/app']).toBe('running');
  });

  test('sick stays sick in the same container, whatever is restarted', async () => {
    const host = await bench(provider);
    await host.health('web', 'app', 'unhealthy');
    await host.systemctl('restart', webUnit);
    expect((await host.observe()).containers['web/app']?.health).toBe('unhealthy');
    await host.container('remove', 'web', 'app');
    await host.systemctl('restart', webUnit);
    expect((await host.observe()).containers['web/app']?.health).toBe('healthy');
  });

  test('the preflight refuses what carries another unit’s label', async () => {
    const host = await bench(provider);
    await host.container('relabel', 'web', 'app');
    expect((await host.systemctl('restart', webUnit)).ok).toBe(false);
    await host.container('remove', 'web', 'app');
    expect((await host.systemctl('restart', webUnit)).ok).toBe(true);
    await host.addContainer('foreign', 'web');
    expect((await host.systemctl('restart', webUnit)).ok).toBe(false);
  });
});

test('a renamed container: docker compose keeps it, podman-compose makes another (facts-debian13 F79)', async () => {
  const after = async (provider: 'docker-compose' | 'podman-compose') => {
    const host = await bench(provider);
    await host.container('rename', 'web', 'app');
    await host.systemctl('restart', webUnit);
    return containerStates(await host.observe());
  };
  expect(await after('docker-compose')).toMatchObject({ 'web/app': 'running' });
  expect(await after('podman-compose')).toMatchObject({ 'web/app': 'exited', 'web/app#2': 'running' });
});
