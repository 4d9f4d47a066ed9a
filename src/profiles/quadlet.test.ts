import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { edited } from '../../models/machine/declaration.ts';
import { loadCatalog, modelOf } from '../catalog.ts';
import { beyondImitation } from '../cli/machines.ts';
import { targetOf } from '../cli/options.ts';
import { loadProfile } from './profile.ts';
import { render } from './render.ts';
import { modelConfigOf } from './setup.ts';

const quadlet = loadProfile('quadlet');
const files = render(quadlet, quadlet.declaration, 'podman');

test('each service is a container file, and each stack has a network and a unit; there is no compose file', () => {
  expect(Object.keys(files).sort()).toEqual([
    'declaration.json',
    'quadlet/duo-api.container',
    'quadlet/duo-db.container',
    'quadlet/duo_default.network',
    'quadlet/web-app.container',
    'quadlet/web_default.network',
    'units/duo-stack.service',
    'units/web-stack.service',
  ]);
});

test('a container belongs to its stack, comes after what it depends on, and says what is declared', () => {
  const lines = files['quadlet/duo-api.container']?.split('\n');
  for (const line of [
    'PartOf=duo-stack.service',
    'Before=duo-stack.service',
    'WantedBy=duo-stack.service',
    'After=duo-db.service',
    'Image=localhost:5000/probe:stable',
    'AutoUpdate=registry',
    'EnvironmentFile=/home/homelab/secrets/duo.env',
  ])
    expect(lines).toContain(line);
  expect(files['quadlet/web-app.container']).toContain('Notify=healthy');
  expect(files['quadlet/duo-db.container']).not.toContain('AutoUpdate');
});

test('systemd reads a value as it is declared', () => {
  const odd = edited(quadlet.declaration, 'web', ({ app }) => ({
    app: { ...(app as NonNullable<typeof app>), greeting: 'a "b" 100% $HOME \\n' },
  }));
  const text = render(quadlet, odd, 'podman')['quadlet/web-app.container'];
  expect(text).toContain('Environment="GREETING=a \\"b\\" 100%% $$HOME \\\\n" STACK_MARKER=declared');
});

test('operations that have no meaning there are left out, by what they need', async () => {
  const catalog = await loadCatalog();
  const [all, left] = ['home-manager', 'quadlet'].map(
    name => modelOf(catalog, modelConfigOf(targetOf(name))).operations,
  );
  const out = [...(all?.keys() ?? [])].filter(name => !left?.has(name));
  expect(out).toEqual(['add-foreign-container', 'relabel-container', 'set-restart-policy', 'set-unit-label']);
});

test('it is for lab machines, and reads no compose files', () => {
  expect(beyondImitation(targetOf('quadlet'))).not.toBeNull();
  expect(() => loadProfile('quadlet', ['docs/examples/media'])).toThrow('a profile that runs compose files');
  expect(() => targetOf('quadlet', undefined, 'bookworm')).toThrow('--provider, for profile quadlet on bookworm');
});

test('a service whose unit would be that of its stack is refused, with its line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-quadlet-'));
  try {
    cpSync(quadlet.directory, join(folder, 'mine'), { recursive: true });
    const file = join(folder, 'mine', 'profile.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nstacks:\n  web:\n    services:\n      stack: { tag: v1 }\n`);
    expect(() => loadProfile(join(folder, 'mine'))).toThrow(
      /profile\.yaml:\d+: expected another name for a service of web/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
