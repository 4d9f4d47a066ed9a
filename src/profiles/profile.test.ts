import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainService } from '../../models/additions.ts';
import { Problem } from '../problem.ts';
import { listProfiles, loadProfile } from './profile.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'profile-'));
  cpSync(loadProfile('home-manager').directory, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const original = () => readFileSync(join(folder, 'profile.yaml'), 'utf8');
const write = (text: string) => writeFileSync(join(folder, 'profile.yaml'), text);

/** The message of the Problem that loading the folder ends in, after one piece of its profile.yaml was replaced. */
function refusal(piece: string, replacement: string): string {
  const text = original();
  expect(text).toContain(piece);
  write(text.replace(piece, replacement));
  try {
    loadProfile(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    return (error as Problem).message;
  }
  throw new Error(`accepted: ${replacement}`);
}

const lineOf = (piece: string) => `profile.yaml:${original().slice(0, original().indexOf(piece)).split('\n').length}: `;

test('finds the shipped profiles by their folders', () => {
  expect(listProfiles()).toContain('home-manager');
  for (const name of listProfiles()) expect(loadProfile(name).name).toBe(name);
});

test('declares web and duo as revision 1, with what the file leaves out filled in', () => {
  const { declaration } = loadProfile('home-manager');
  const service = { ...plainService, tag: 'stable', autoUpdate: true };
  expect(declaration).toEqual({
    revision: 1,
    stacks: {
      web: { revision: 1, secrets: ['web'], services: { app: { ...service, healthcheck: 'passing' } } },
      duo: {
        revision: 1,
        secrets: ['duo'],
        services: { db: { ...service, tag: 'v1', autoUpdate: false }, api: { ...service, dependsOn: ['db'] } },
      },
    },
  });
});

test('reads a folder of somebody else, named after the folder', () => {
  const profile = loadProfile(folder);
  expect(profile.name).toBe(basename(folder));
  expect(profile.directory).toBe(folder);
});

test('names what there is where a name is unknown', () => {
  expect(() => loadProfile('home-manger')).toThrow(/--profile home-manger: expected one of .*home-manager/);
  expect(() => loadProfile('/nowhere')).toThrow(/expected a folder with a profile.yaml, found nothing of that name/);
  expect(() => loadProfile(tmpdir())).toThrow(/found a folder without profile.yaml/);
});

test('points at the line of bad YAML, an unknown key, a wrong type, a missing key', () => {
  const commands = lineOf('commands:');
  const update = lineOf('update: ./update');
  const state = lineOf('state:');
  expect(refusal('update: ./update', 'update: [')).toContain('expected YAML');
  cpSync(loadProfile('home-manager').directory, folder, { recursive: true });
  expect(refusal('update: ./update', 'update: 3')).toContain(`${update}expected commands.update`);
  cpSync(loadProfile('home-manager').directory, folder, { recursive: true });
  expect(refusal('  update: ./update', '')).toContain(`${commands}expected commands.update`);
  cpSync(loadProfile('home-manager').directory, folder, { recursive: true });
  expect(refusal('state:', 'states: 1\nstate:')).toContain(`${state}expected only keys that`);
});

test.each([
  ['providers: [docker-compose, podman-compose]', 'providers: [docker]', 'providers.0'],
  ['owner: ~/.config/systemd/user', 'owner: ~/units', 'owner'],
  ['link: ^(/nix/store/[^/]+-home-manager-files)/', 'link: ^/nix/store/', 'one group'],
  ['units/{{unit}}: stack.service', 'units/{{unit}}: gone.service', 'no such file'],
  ['units/{{unit}}: stack.service', '../{{unit}}: stack.service', 'below the folder'],
  ['dependsOn: [db]', 'dependsOn: [cache]', 'found cache'],
  [
    'db: { tag: v1 }',
    'db: { tag: v1, dependsOn: [api] }',
    'expected dependsOn of duo without a cycle, found db → api → db',
  ],
  ['db: { tag: v1 }', 'db: { tag: v1, dependsOn: [db] }', 'found db → db'],
  [
    'units/{{unit}}: stack.service',
    'units/{{unit}}: rebuild',
    'expected a section such as [Unit] first in units/web-stack.service',
  ],
  ['db: { tag: v1 }', 'db: { tag: v1, ports: [80] }', 'found stacks.duo.services.db.ports'],
])('refuses %s as %s', (piece, replacement, message) => {
  expect(refusal(piece, replacement)).toContain(message);
});
