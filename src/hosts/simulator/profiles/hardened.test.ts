import { expect, test } from 'vitest';
import { homelab } from '../../../../models/homelab.ts';
import type { DependencyCondition, ProjectService } from '../../../../models/machine/compose-project.ts';
import {
  type Declaration,
  edited,
  editedStack,
  type ServiceDeclaration,
} from '../../../../models/machine/declaration.ts';
import { ownStack, withProject } from '../../../../models/machine/own-stack.ts';
import { dropInPath, unitPath } from '../../../../models/machine/search-path.ts';
import { media, ownHomelab } from '../../../../models/own-homelab.ts';
import type { ModelConfig } from '../../../../models/world.ts';
import {
  containerStates,
  duoUnit,
  editedFile,
  instances,
  ownedPath,
  unitIn,
  webUnit,
} from '../../../../tests/helpers/simulated-host.ts';
import { createSimulator } from '../index.ts';

const { declaration } = homelab;
const changed = edited(declaration, 'web', services => ({
  app: { ...services.app, greeting: 'goodbye' } as NonNullable<typeof services.app>,
}));

async function bench(provider: 'docker-compose' | 'podman-compose' = 'docker-compose') {
  const host = createSimulator({ setup: homelab, provider, profile: 'hardened' });
  await host.reset();
  return host;
}

test('a rebuild without a change sets drift aside, says where, and restarts what ran by it', async () => {
  const host = await bench();
  await host.place(ownedPath, editedFile);
  const { ok, message } = await host.rebuild(declaration);
  expect(ok).toBe(true);
  expect(message).toMatch(/homelab\/.config\/systemd\/user\/web-stack.service was not as declared: moved to /);
  expect((await host.observe()).files[ownedPath]).toMatchObject({ kind: 'generation', revision: 1 });
});

test('what is not its own to take away it refuses, by path, and touches nothing', async () => {
  const host = await bench();
  await host.place(unitPath('/etc/systemd/user', 'web'), editedFile);
  const { status, message } = await host.rebuild(changed);
  expect(status).toBe(4);
  expect(message).toContain(
    "refused, and nothing was touched: /etc/systemd/user/web-stack.service is not this generation's",
  );
  expect((await host.observe()).generation).toEqual({ profile: 2, home: 1 });
});

test('without a manager it refuses too', async () => {
  const host = await bench();
  await host.manager('stop');
  expect((await host.rebuild(declaration)).message).toContain('the user manager is down');
});

test('a start refuses a definition that is not the one on disk, and runs after a reload', async () => {
  const host = await bench();
  await host.place(dropInPath('~/.config/systemd/user', 'web'), { kind: 'drop-in', marker: 'drop-in' });
  const refused = await host.systemctl('restart', webUnit);
  expect(refused.ok).toBe(false);
  expect(refused.log).toContain('50-drift.conf changed on disk and is not loaded');
  expect(containerStates(await host.observe())['web/app']).toBe('exited');
  await host.systemctl('daemon-reload');
  expect((await host.systemctl('restart', webUnit)).ok).toBe(true);
});

test('a stack that fails stops no other, its secret is named, and the generation is current', async () => {
  const host = await bench();
  await host.secret('web', 'missing');
  const { status, message } = await host.rebuild(changed);
  expect(status).toBe(4);
  expect(message).toContain(
    'web-stack.service: required secret /home/homelab/secrets/web.env is missing, see journalctl',
  );
  const seen = await host.observe();
  expect(seen.generation.home).toBe(2);
  expect(unitIn(seen).activeState).toBe('failed');
  expect(unitIn(seen, duoUnit)).toMatchObject({ activeState: 'active', restarted: false });
});

test.each(['docker-compose', 'podman-compose'] as const)(
  'with %s what never runs leaves nothing behind',
  async provider => {
    const host = await bench(provider);
    const { status, message } = await host.rebuild(
      edited(declaration, 'web', services => ({
        app: { ...(services.app as never as object), tag: 'missing' } as never,
      })),
    );
    expect(status).toBe(4);
    expect(message).toMatch(/podman compose up ended with an error|container web\/app is absent/);
    expect(containerStates(await host.observe())['web/app']).toBeUndefined();
  },
);

test('a definition that is gone stops its containers all the same: the keeper does', async () => {
  const host = await bench();
  await host.systemctl('disable', webUnit);
  await host.systemctl('stop', webUnit);
  expect(containerStates(await host.observe())['web/app']).toBe('exited');
});

test('an update runs what is new, and one that cannot run is put back', async () => {
  const host = await bench();
  await host.publish('stable', 'v2');
  expect(await host.autoUpdate('own-unit')).toMatchObject({ ok: true });
  expect((await host.observe()).containers['web/app']).toMatchObject({ image: 'v2', instance: 2 });
  await host.publish('stable', 'broken');
  const claim = await host.autoUpdate();
  expect(claim.updates).toContainEqual({ unit: webUnit, container: 'web-app-1', updated: 'rolled back' });
  expect(claim.ok).toBe(false);
  expect((await host.observe()).containers['web/app']).toMatchObject({ image: 'v2', state: 'running' });
  expect(instances(await host.observe())['duo/api']).toBe(2);
});

test('an update leaves a tag of which it restarts nothing as a hand has moved it', async () => {
  const host = await bench();
  const { declaration } = homelab;
  for (const tag of ['stable', 'v1']) await host.podman({ deed: 'build', tag });
  const app = { ...declaration.stacks.web?.services.app, tag: 'v1' } as ServiceDeclaration;
  await host.rebuild(edited(declaration, 'web', () => ({ app })));
  // The container of duo/api runs what "stable" is in the registry; the one of web/app runs another v1.
  expect(await host.autoUpdate()).toMatchObject({ ok: true });
  expect((await host.observe()).containers['web/app']).toMatchObject({ image: 'v1' });
  await host.rebuild(declaration);
  expect((await host.observe()).containers['web/app']).toMatchObject({ tag: 'stable', image: 'by-hand' });
});

/** The host with the stack of an own compose file. */
async function withOwnStack(
  setup: ModelConfig = ownHomelab,
  provider: 'docker-compose' | 'podman-compose' = 'docker-compose',
) {
  const host = createSimulator({ setup, provider, profile: 'hardened' });
  await host.reset();
  return host;
}

test('a volume that would have to be made anew is refused, and nothing is touched', async () => {
  const host = await withOwnStack();
  const before = await host.observe();
  const volumes = { data: { driverOpts: { type: 'tmpfs' }, external: false, name: null } };
  const { ok, message } = await host.rebuild(
    editedStack(ownHomelab.declaration, 'media', stack => withProject('media', stack, { ...media, volumes })),
  );
  expect(ok).toBe(false);
  expect(message).toContain('media-stack.service: volume media_data has the options (none), not type=tmpfs');
  expect((await host.observe()).containers).toEqual(before.containers);
});

test('with podman-compose a service that waits for a job to run is refused, and nothing is touched', async () => {
  const { app, migrate, ...others } = media.services as Record<'app' | 'migrate', ProjectService>;
  const waitingFor = (condition: DependencyCondition): Declaration => {
    const services = {
      ...others,
      app: { ...app, configs: {}, dependsOn: { migrate: condition } },
      migrate: { ...migrate, dependsOn: {} },
    };
    return { revision: 1, stacks: { media: { revision: 1, ...ownStack('media', { ...media, services }) } } };
  };
  const host = await withOwnStack(
    { ...ownHomelab, declaration: waitingFor('service_completed_successfully') },
    'podman-compose',
  );
  const waiting = waitingFor('service_started');
  const before = await host.observe();
  const { ok, message } = await host.rebuild(waiting);
  expect(ok).toBe(false);
  expect(message).toContain(
    'media-stack.service: app waits for the job migrate to run, and podman-compose never sees that',
  );
  expect((await host.observe()).containers).toEqual(before.containers);
  // docker compose starts it.
  expect((await (await withOwnStack()).rebuild(waiting)).ok).toBe(true);
});

test.each([
  { deed: 'connect', stack: 'media', service: 'db', network: 'media_default' },
  { deed: 'disconnect', stack: 'media', service: 'db', network: 'media_back' },
  { deed: 'write', stack: 'media', service: 'app', path: '/etc/site.conf' },
] as const)('a rebuild makes anew what a hand has changed: $deed', async deed => {
  const host = await withOwnStack();
  const before = await host.observe();
  await host.podman(deed);
  const { settings, effect } = (await host.observe()).containers[`media/${deed.service}`] ?? {};
  const was = before.containers[`media/${deed.service}`];
  expect([settings, effect]).not.toEqual([was?.settings, was?.effect]);
  expect((await host.rebuild(ownHomelab.declaration)).ok).toBe(true);
  const after = (await host.observe()).containers[`media/${deed.service}`];
  expect(after).toMatchObject({ instance: 2, settings: was?.settings, effect: was?.effect });
});
