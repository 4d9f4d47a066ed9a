import { expect, test } from 'vitest';
import { edited } from '../../models/machine/declaration.ts';
import { scopeOf } from '../../models/machine/search-path.ts';
import { loadCatalog, modelOf } from '../catalog.ts';
import { deploymentOf } from '../cli/machines.ts';
import { targetOf } from '../cli/options.ts';
import { spokenIn } from '../hosts/scope.ts';
import { loadProfile } from './profile.ts';
import { render } from './render.ts';
import { modelConfigOf } from './setup.ts';

const profile = loadProfile('oci-containers');
const operator = { name: 'root', home: '/root' };
const files = render(profile, profile.declaration, 'podman', operator);

test('each service is a unit with four scripts, and each stack has a network and a unit', () => {
  expect(Object.keys(files).filter(path => path.includes('web'))).toEqual([
    'units/podman-network-web_default.service',
    'units/podman-web-app.service',
    'scripts/podman-web-app/pre-start',
    'scripts/podman-web-app/start',
    'scripts/podman-web-app/pre-stop',
    'scripts/podman-web-app/post-stop',
    'units/web-stack.service',
  ]);
});

test('a container requires what it depends on, belongs to its stack, and is run as declared', () => {
  const unit = files['units/podman-duo-api.service']?.split('\n');
  for (const line of [
    'Requires=podman-network-duo_default.service podman-duo-db.service',
    'PartOf=duo-stack.service',
    'Before=duo-stack.service',
    'WantedBy=multi-user.target duo-stack.service',
    'Environment=PODMAN_SYSTEMD_UNIT=%n',
    'Type=notify',
  ])
    expect(unit).toContain(line);
  const start = files['scripts/podman-duo-api/start'];
  for (const flag of [
    "'--name=duo-api'",
    "'--env-file=/root/secrets/duo.env'",
    "'-l=io.containers.autoupdate=registry'",
  ])
    expect(start).toContain(flag);
  expect(start).toContain("'--sdnotify=conmon'");
  expect(files['scripts/podman-web-app/start']).toContain("'--sdnotify=healthy'");
});

test('it reads no compose files', () => {
  expect(() => loadProfile('oci-containers', ['docs/examples/media'])).toThrow(
    'oci-containers, whose containers podman runs without compose',
  );
});

test('a shell reads a value as it is declared', () => {
  const odd = edited(profile.declaration, 'web', ({ app }) => ({
    app: { ...(app as NonNullable<typeof app>), greeting: `it's "b" $HOME` },
  }));
  const start = render(profile, odd, 'podman', operator)['scripts/podman-web-app/start'];
  expect(start).toContain(`'-e=GREETING=it'\\''s "b" $HOME'`);
});

test('its owner says that the stacks are the system’s: root runs them, and what needs a user manager does not apply', async () => {
  const chosen = targetOf('oci-containers');
  expect(scopeOf(chosen.profile.owner)).toBe('system');
  const deployment = deploymentOf(chosen);
  expect(deployment.operator).toEqual({ name: 'root', uid: 0, home: '/root' });
  expect(spokenIn(deployment)).toMatchObject({ flag: '--system', runtime: '/run', unitField: 'UNIT' });
  const catalog = await loadCatalog();
  const [all, left] = ['home-manager', 'oci-containers'].map(
    name => modelOf(catalog, modelConfigOf(targetOf(name))).operations,
  );
  expect([...(all?.keys() ?? [])].filter(name => !left?.has(name))).toEqual([
    'add-foreign-container',
    'linger-off',
    'linger-on',
    'rebuild-as-manager-starts',
    'relabel-container',
    'set-restart-policy',
    'set-unit-label',
    'start-manager',
    'stop-manager',
    'terminate-user',
  ]);
});
