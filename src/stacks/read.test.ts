import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildRoot, labAvailable } from '../hosts/lab/index.ts';
import { loadProfile } from '../profiles/profile.ts';
import { readStacks } from './read.ts';

const lab = labAvailable();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stackfuzz-own-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes files below the folder, and reads the first as a stack. */
function read(files: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const [stack] = readStacks([{ name: 'box', root: folder, files: [Object.keys(files)[0] ?? ''] }], 'v1');
  if (stack === undefined) throw new Error('nothing was read');
  return stack;
}

describe.skipIf(!lab.ok)(`compose files, read in the lab's root${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  beforeAll(async () => void (await buildRoot()), 900_000);

  test('a profile may have a stack in one', () => {
    const { declaration, notes } = loadProfile('tests/profiles/own');
    const { media } = declaration.stacks;
    expect(Object.keys(media?.services ?? {})).toEqual(['app', 'client', 'db', 'migrate', 'vpn']);
    expect(media?.secrets).toEqual(['media']);
    expect(media?.project?.services.shell?.profiles).toEqual(['debug']);
    expect(media?.project?.services.db).toMatchObject({
      restart: 'unless-stopped',
      environment: { LOG_LEVEL: 'info' },
    });
    expect(media?.services.migrate?.ends).toBe(0);
    expect(notes).toEqual([
      'tests/profiles/own/media.yaml: 6 images replaced by stand-ins; which move: app, client; which end: migrate with 0',
    ]);
  });

  test('include, extends, anchors, x- and variables are what the provider makes of them', () => {
    const { project } = read({
      'compose.yaml': [
        'include: [parts/more.yaml]',
        'x-usual: &usual {restart: always}',
        'services:',
        `  a.b_C-d: {<<: *usual, image: "one:\${TAG:-latest}", env_file: a.env}`,
        '  b: {extends: {file: parts/base.yaml, service: base}}',
        `  c: {image: "two:\${NONE:-edge}"}`,
      ].join('\n'),
      '.env': 'TAG=7.2\n',
      'a.env': 'FROM_FILE=x$$y\n',
      'parts/more.yaml': 'services: {more: {image: three}}',
      'parts/base.yaml': 'services: {base: {image: "four:4", environment: {BASE: 1}}}',
    });
    expect(Object.keys(project.services)).toEqual(['a.b_C-d', 'b', 'c', 'more']);
    expect(project.services['a.b_C-d']).toMatchObject({ tag: 'v1', restart: 'always' });
    expect(project.services.b).toMatchObject({ tag: 'v1', environment: { BASE: '1' } });
    expect(project.services.c?.tag).toBe('stable');
  });

  test('nothing outside of the folder is read', () => {
    symlinkSync('/etc/hostname', join(folder, 'link.env'));
    for (const path of ['/etc/hostname', '../x.env', 'link.env', `\${NOWHERE:-/etc/hostname}`]) {
      expect(() => read({ 'compose.yaml': `services:\n  a:\n    image: x\n    env_file: ${path}\n` })).toThrow(
        /compose\.yaml:4: expected a path within/,
      );
    }
  });

  test('what is wrong is said with its line', () => {
    expect(() => read({ 'compose.yaml': 'services:\n  a:\n    image: x\n    enviroment: {}\n' })).toThrow(
      /compose\.yaml:4: expected a file that docker compose takes, found .*enviroment/,
    );
    expect(() => read({ 'compose.yaml': 'include:\n  - nowhere.yaml\nservices: {}\n' })).toThrow(
      /compose\.yaml:2: expected a file that is there, found no nowhere\.yaml/,
    );
  });
});
