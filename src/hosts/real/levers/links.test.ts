import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { labDeployment } from '../../../../tests/helpers/lab-host.ts';
import { loadProfile } from '../../../profiles/profile.ts';
import { siteOf } from '../../deployment.ts';
import { secretsFor } from '../prepare.ts';
import { placing } from './place.ts';
import { wanting } from './profile.ts';
import { handingSecret } from './secret.ts';
import { written } from './write.ts';

/** A home of an operator's, and somebody's file and folder elsewhere, to which links in it lead. */
let folder = '';
const at = (...names: string[]): string => join(folder, ...names);
const theirs = 'what somebody has written\n';
const usual = labDeployment(loadProfile('home-manager'), 'docker-compose');
const deployment = () => ({
  ...usual,
  operator: { ...usual.operator, home: at('home') },
  site: { ...siteOf(usual), place: at('home/place'), declaration: at('home/wanted.json'), tags: null },
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stackfuzz-links-'));
  for (const each of ['home/secrets', 'elsewhere']) mkdirSync(at(each), { recursive: true });
  writeFileSync(at('elsewhere/file'), theirs);
});
afterEach(() => rmSync(folder, { recursive: true }));

const planted = (path: string, to: string): void => {
  mkdirSync(join(at(path), '..'), { recursive: true });
  symlinkSync(at('elsewhere', to), at(path));
};
const run = (script: string): number | null => spawnSync('bash', ['-c', script], { encoding: 'utf8' }).status;

test.each<[string, () => string, string, number]>([
  ['a secret that is made', () => secretsFor(deployment()).script, 'home/secrets/web.env', 0],
  [
    'a secret that is given back',
    () => handingSecret(deployment(), 'web', 'present').script,
    'home/secrets/web.env',
    0,
  ],
  ['a secret that is spoilt', () => handingSecret(deployment(), 'web', 'malformed').script, 'home/secrets/web.env', 0],
  ['a secret that is rotated', () => handingSecret(deployment(), 'web', 'rotated').script, 'home/secrets/web.env', 0],
  ['a file that is brought', () => written(at('home/brought'), { 'a/b': 'ours' }), 'home/brought/a/b', 0],
  ['the declaration', () => wanting(deployment(), usual.profile.declaration), 'home/wanted.json', 0],
  ['the declaration, half written', () => wanting(deployment(), usual.profile.declaration), 'home/wanted.json.new', 0],
])('%s is not written through a link', (_, script, path, status) => {
  planted(path, 'file');
  expect(run(script())).toBe(status);
  expect(readFileSync(at('elsewhere/file'), 'utf8')).toBe(theirs);
  expect(readdirSync(at('elsewhere'))).toEqual(['file']);
  if (!path.endsWith('.new')) expect(lstatSync(at(path)).isFile()).toBe(true);
});

test('what a foreign link leads to is not kept in a folder that is a link', () => {
  planted('home/drift', '');
  const unit = '.config/systemd/user/web-stack.service';
  mkdirSync(at('home', unit, '..'), { recursive: true });
  writeFileSync(at('home', unit), 'STACK_MARKER=declared\n');
  expect(run(placing(deployment(), `~/${unit}`, { kind: 'foreign', marker: 'x' }).script)).toBe(1);
  expect(readdirSync(at('elsewhere'))).toEqual(['file']);
  expect(readFileSync(at('home', unit), 'utf8')).toBe('STACK_MARKER=declared\n');
});
