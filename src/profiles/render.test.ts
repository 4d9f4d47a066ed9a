import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { edited } from '../../models/machine/declaration.ts';
import { loadProfile } from './profile.ts';
import { render } from './render.ts';
import type { Profile } from './types.ts';

const profile = loadProfile('home-manager');
const files = render(profile, profile.declaration, 'podman-compose');
const compose = (from: Readonly<Record<string, string>>, stack: string) =>
  parse(from[`compose/${stack}/compose.yml`] ?? '');

test('renders the declaration, and a unit and a compose file for each stack', () => {
  expect(Object.keys(files).sort()).toEqual([
    'compose/duo/compose.yml',
    'compose/web/compose.yml',
    'declaration.json',
    'units/duo-stack.service',
    'units/web-stack.service',
  ]);
  expect(JSON.parse(files['declaration.json'] ?? '')).toEqual(profile.declaration);
});

test('writes the compose documents that are declared', () => {
  const common = { GREETING: 'hello', STACK_MARKER: '$STACK_MARKER' };
  expect(compose(files, 'web')).toEqual({
    name: 'web',
    services: {
      app: {
        image: 'localhost:5000/probe:stable',
        environment: common,
        env_file: ['/home/homelab/secrets/web.env'],
        labels: { PODMAN_SYSTEMD_UNIT: 'web-stack.service', 'io.containers.autoupdate': 'registry' },
        healthcheck: { test: ['CMD-SHELL', 'test ! -e /sick'], interval: '30s', retries: 1 },
      },
    },
  });
  const { db, api } = compose(files, 'duo').services;
  expect(db.labels).toEqual({ PODMAN_SYSTEMD_UNIT: 'duo-stack.service' });
  expect(db).not.toHaveProperty('healthcheck');
  expect(api.depends_on).toEqual(['db']);
});

test('tells the definitions of a unit apart by revision and marker', () => {
  const next = edited(profile.declaration, 'duo', services => services);
  const rendered = render(profile, next, 'docker-compose');
  expect(rendered['units/duo-stack.service']).toContain('\nEnvironment=STACK_REVISION=2 STACK_MARKER=declared\n');
  expect(rendered['units/web-stack.service']).toContain('\nEnvironment=STACK_REVISION=1 STACK_MARKER=declared\n');
  expect(rendered['units/web-stack.service']).toContain('PODMAN_COMPOSE_PROVIDER=docker-compose');
});

test('keeps a dollar of a greeting from being interpolated', () => {
  const rich = edited(profile.declaration, 'web', ({ app }) => (app ? { app: { ...app, greeting: '$5' } } : {}));
  expect(compose(render(profile, rich, 'docker-compose'), 'web').services.app.environment.GREETING).toBe('$$5');
});

test('leaves out what a stack does not have', () => {
  const { duo } = profile.declaration.stacks;
  if (duo === undefined) throw new Error('no duo');
  const open = { revision: 2, stacks: { duo: { ...duo, secrets: [] } } };
  expect(compose(render(profile, open, 'docker-compose'), 'duo').services.db).not.toHaveProperty('env_file');
});

test('merges what the profile adds into every document and service, placeholders filled in', () => {
  const more: Profile = {
    ...profile,
    compose: {
      document: { 'x-podman': { in_pod: false } },
      service: { labels: { owner: '{{unit}}' }, stop_grace_period: '1s' },
    },
  };
  const { services, ...document } = compose(render(more, profile.declaration, 'podman-compose'), 'duo');
  expect(document).toEqual({ name: 'duo', 'x-podman': { in_pod: false } });
  expect(services.db.labels).toEqual({ PODMAN_SYSTEMD_UNIT: 'duo-stack.service', owner: 'duo-stack.service' });
  expect(services.api.stop_grace_period).toBe('1s');
});

test('refuses a placeholder that it does not know, by file and line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'));
  try {
    cpSync(profile.directory, folder, { recursive: true });
    writeFileSync(join(folder, 'stack.service'), '[Unit]\nDescription={{stakc}}\n');
    // The units are rendered once before any machine is touched.
    expect(() => loadProfile(folder)).toThrow(/stack\.service:2: .*found \{\{stakc\}\}/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
