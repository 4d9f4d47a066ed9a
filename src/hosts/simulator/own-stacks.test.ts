import { describe, expect, test } from 'vitest';
import { expectedObservation } from '../../../models/expected-observation.ts';
import type { Host } from '../../../models/host.ts';
import type { ComposeProject } from '../../../models/machine/compose-project.ts';
import { type Declaration, editedStack } from '../../../models/machine/declaration.ts';
import { ownStack, withProject } from '../../../models/machine/own-stack.ts';
import type { Provider } from '../../../models/machine/traits.ts';
import { alike } from '../../../models/observation.ts';
import { media, ownHomelab } from '../../../models/own-homelab.ts';
import { firstWorld } from '../../../models/transitions/first.ts';
import type { ModelConfig } from '../../../models/world.ts';
import { createSimulator } from './index.ts';

const fresh = async (provider: Provider = 'docker-compose', setup: ModelConfig = ownHomelab): Promise<Host> => {
  const host = createSimulator({ setup, provider });
  await host.reset();
  return host;
};

/** The declaration, with a changed compose file. */
const changed = (change: Partial<ComposeProject>, from: Declaration = ownHomelab.declaration): Declaration =>
  editedStack(from, 'media', before => withProject('media', before, { ...(before.project ?? media), ...change }));

const withService = (name: string, change: Partial<ComposeProject['services'][string]>): Declaration => {
  const service = media.services[name];
  if (service === undefined) throw new Error(`no service ${name}`);
  return changed({ services: { ...media.services, [name]: { ...service, ...change } } });
};

const states = async (host: Host) =>
  Object.fromEntries(
    Object.entries((await host.observe()).containers).map(([name, { state }]) => [name.slice('media/'.length), state]),
  );

test('a fresh machine shows what the model believes', async () => {
  const seen = await (await fresh()).observe();
  expect(alike(seen, expectedObservation(firstWorld(ownHomelab)))).toBe(true);
  expect(seen.volumes).toEqual({ media_data: 1 });
});

describe('docker compose', () => {
  test('makes anew whose definition changed, and who depends on it', async () => {
    const host = await fresh();
    const declaration = withService('db', { environment: { LOG_LEVEL: 'debug' } });
    expect((await host.rebuild(declaration)).ok).toBe(true);
    const { containers } = await host.observe();
    expect(containers['media/db']).toMatchObject({
      instance: 2,
      settings: declaration.stacks.media?.services.db?.settings,
    });
    expect(containers['media/vpn']?.instance).toBe(1);
  });

  test.each([
    ['the text of a config', { configs: { site: 'other' } }, 'app', 'effect'],
    [
      'options of a volume',
      { volumes: { data: { driverOpts: { type: 'tmpfs' }, external: false, name: null } } },
      'db',
      'settings',
    ],
    [
      'options of a network',
      { networks: { ...media.networks, back: { internal: false, subnet: null, external: false, name: null } } },
      'db',
      'settings',
    ],
  ] as const)('makes nothing anew for %s', async (_what, change, service, field) => {
    const host = await fresh();
    const before = (await host.observe()).containers[`media/${service}`];
    const declaration = changed(change);
    expect((await host.rebuild(declaration)).ok).toBe(true);
    const after = (await host.observe()).containers[`media/${service}`];
    expect(after?.instance).toBe(1);
    expect(after?.[field]).toBe(before?.[field]);
    expect(declaration.stacks.media?.services[service]?.[field]).not.toBe(before?.[field]);
  });

  test('does not take away what is switched off', async () => {
    const host = await fresh();
    expect((await host.rebuild(changed({ profiles: [] }))).ok).toBe(true);
    // It was stopped with the others, by the unit's former definition.
    expect((await states(host)).shell).toBe('exited');
  });

  test('fails where a job fails that something waits for, and starts nothing that does', async () => {
    const host = await fresh();
    const claim = await host.rebuild(withService('migrate', { ends: 3 }));
    expect(claim.ok).toBe(false);
    expect(await states(host)).toMatchObject({ migrate: 'exited', app: 'created' });
  });

  test('cannot make anew whose network another uses, and never again', async () => {
    const host = await fresh();
    const declaration = withService('vpn', { environment: { COUNTRY: 'elsewhere' } });
    expect((await host.rebuild(declaration)).ok).toBe(false);
    expect(await states(host)).toMatchObject({ vpn: 'exited', 'vpn#2': 'created' });
    expect((await host.systemctl('restart', 'media-stack.service')).ok).toBe(false);
  });

  test('pulls what is to be pulled at every start', async () => {
    const host = await fresh();
    await host.rebuild(withService('app', { pull: 'always' }));
    await host.publish('stable', 'v2');
    expect((await host.systemctl('restart', 'media-stack.service')).ok).toBe(true);
    expect((await host.observe()).containers['media/app']?.image).toBe('v2');
    await host.registry('stop');
    expect((await host.systemctl('restart', 'media-stack.service')).ok).toBe(false);
  });
});

describe('podman-compose', () => {
  const { app, migrate, db, vpn, client, shell } = media.services;
  if (!app || !migrate || !db || !vpn || !client || !shell) throw new Error('a service is missing');
  /** Without configs, which podman-compose ignores, and without a job that has dependencies, behind which it starts nothing. */
  const simple: ComposeProject = {
    ...media,
    configs: {},
    services: { db, migrate: { ...migrate, dependsOn: {} }, app: { ...app, configs: {} }, vpn, client, shell },
  };
  const setup: ModelConfig = {
    ...ownHomelab,
    traits: { ...ownHomelab.traits, containersInUnit: true },
    declaration: { revision: 1, stacks: { media: { revision: 1, ...ownStack('media', simple) } } },
  };
  const rebuilt = async (change: Partial<ComposeProject>) => {
    const host = await fresh('podman-compose', setup);
    expect((await host.rebuild(changed(change, setup.declaration))).ok).toBe(true);
    return host;
  };

  test('takes away what is switched off', async () => {
    expect(await states(await rebuilt({ profiles: [] }))).not.toHaveProperty('shell');
  });

  test('makes networks anew, and no volumes', async () => {
    const back = { internal: false, subnet: null, external: false, name: null };
    const volumes = { data: { driverOpts: { type: 'tmpfs' }, external: false, name: null } };
    const host = await rebuilt({ networks: { ...media.networks, back }, volumes });
    const { settings } = (await host.observe()).containers['media/db'] ?? {};
    expect(settings?.split('\n')).toEqual(expect.arrayContaining(['network media_back']));
    expect(settings).not.toContain('tmpfs');
  });

  test('does not care how a job ends', async () => {
    const host = await rebuilt({ services: { ...simple.services, migrate: { ...migrate, ends: 3, dependsOn: {} } } });
    expect((await states(host)).app).toBe('running');
  });
});

describe('by hand', () => {
  const at = { stack: 'media', service: 'db' };

  test('a network is connected and disconnected, and a config is written over, under the same container', async () => {
    const host = await fresh();
    const { settings } = (await host.observe()).containers['media/db'] ?? {};
    await host.podman({ deed: 'connect', ...at, network: 'media_default' });
    expect((await host.observe()).containers['media/db']).toMatchObject({
      instance: 1,
      settings: expect.stringContaining('network media_default'),
    });
    await host.podman({ deed: 'disconnect', ...at, network: 'media_default' });
    expect((await host.observe()).containers['media/db']?.settings).toBe(settings);
    const before = (await host.observe()).containers['media/app']?.effect;
    await host.podman({ deed: 'write', stack: 'media', service: 'app', path: '/etc/site.conf' });
    expect((await host.observe()).containers['media/app']?.effect).not.toBe(before);
  });

  test('a prune takes what does not run, and a volume goes only once nothing uses it', async () => {
    const host = await fresh();
    expect((await host.podman({ deed: 'remove-volume', volume: 'media_data' })).ok).toBe(false);
    expect((await host.podman({ deed: 'prune' })).ok).toBe(true);
    expect(Object.keys(await states(host))).toEqual(['app', 'client', 'db', 'shell', 'vpn']);
    await host.systemctl('stop', 'media-stack.service');
    expect((await host.podman({ deed: 'prune' })).ok).toBe(true);
    expect(await states(host)).toEqual({});
    expect((await host.podman({ deed: 'remove-volume', volume: 'media_data' })).ok).toBe(true);
    expect((await host.observe()).volumes).toBeUndefined();
    await host.systemctl('start', 'media-stack.service');
    expect((await host.observe()).volumes).toEqual({ media_data: 2 });
  });
});
