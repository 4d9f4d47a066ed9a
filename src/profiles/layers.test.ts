import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Problem } from '../problem.ts';
import { listProfiles, loadProfile } from './profile.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stackfuzz-layers-'));
  return () => rmSync(root, { recursive: true });
});

function profile(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith('#!')) chmodSync(file, 0o755);
  }
  return join(root, name);
}

function refusal(folder: string): string {
  try {
    loadProfile(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    return (error as Problem).message;
  }
  throw new Error('accepted');
}

const base = loadProfile('home-manager');

test('a profile of one line is the one that it extends, under another name', () => {
  const mine = loadProfile(profile('mine', { 'profile.yaml': 'extends: home-manager\n' }));
  const { name, directory, files, ...said } = mine;
  const { name: _, directory: __, files: theirs, ...baseSaid } = base;
  expect(said).toEqual(baseSaid);
  expect([name, directory]).toEqual(['mine', join(root, 'mine')]);
  expect([...files.keys()].sort()).toEqual([...theirs.keys()].sort());
  expect(files.get('rebuild')).toBe(theirs.get('rebuild'));
  expect(files.get('profile.yaml')).toBe(join(root, 'mine/profile.yaml'));
});

test('maps of settings are taken over key by key, everything else whole', () => {
  const yaml =
    'extends: home-manager\ncommands: { update: ./stack }\nevidence: { user: [x.service] }\nversions: [v1]\nstacks: { one: { services: { a: { tag: v1 } } } }\n';
  const mine = loadProfile(profile('mine', { 'profile.yaml': yaml }));
  expect(mine.commands).toEqual({ ...base.commands, update: './stack' });
  expect(mine.evidence).toEqual({ system: base.evidence.system, user: ['x.service'] });
  expect(mine.versions).toEqual(['v1']);
  expect(Object.keys(mine.declaration.stacks)).toEqual(['one']);
});

test('a file of one’s own takes the place of a file or a folder, and a folder that of a file', () => {
  const mine = loadProfile(
    profile('mine', {
      'profile.yaml':
        'extends: home-manager\nwithout: [activation/assert-ownership]\ncommands: { update: ./stack/update }\n',
      rebuild: '#!/bin/sh\n',
      'stack/update': '#!/bin/sh\n',
    }),
  );
  expect(mine.files.get('rebuild')).toBe(join(root, 'mine/rebuild'));
  expect(mine.files.has('stack')).toBe(false);
  expect(mine.files.get('stack/update')).toBe(join(root, 'mine/stack/update'));
  expect(mine.files.has('activation/assert-ownership')).toBe(false);
  expect(mine.files.has('activation/activate')).toBe(true);
  const flat = loadProfile(profile('flat', { 'profile.yaml': 'extends: home-manager\n', activation: 'none\n' }));
  expect([...flat.files.keys()].filter(path => path.startsWith('activation'))).toEqual(['activation']);
});

test('one may extend one that extends another, by its path', () => {
  profile('mine', { 'profile.yaml': 'extends: hardened\nabout: mine\n', note: 'n' });
  const third = loadProfile(profile('third', { 'profile.yaml': 'extends: ../mine\n' }));
  expect(third.about).toBe('mine');
  expect(third.files.get('note')).toBe(join(root, 'mine/note'));
  expect(third.files.get('rollback')).toBe(base.files.get('rollback'));
  expect(third.updateUnit).toBe('podman-auto-update.service');
});

describe('a fault is told with the file and the line that hold it', () => {
  test('profiles that extend each other in a circle, or themselves', () => {
    profile('one', { 'profile.yaml': 'extends: ../two\n' });
    profile('two', { 'profile.yaml': '# why\nextends: ../one\n' });
    expect(refusal(join(root, 'one'))).toContain(
      `${join(root, 'two/profile.yaml')}:2: expected profiles that extend each other without a circle`,
    );
    expect(refusal(profile('own', { 'profile.yaml': 'extends: .\n' }))).toContain(
      'own/profile.yaml:1: expected profiles',
    );
  });

  test.each([
    ['extends: home-manger\n', ':1: expected extends to name one of', 'did you mean home-manager?'],
    ['extends: ../nowhere\n', ':1: expected extends to name one of', '../nowhere'],
    ['extends: [a]\n', ':1: expected extends to name a profile', '["a"]'],
    ['without: [x]\n', ':1: expected extends beside without', 'none'],
    ['extends: home-manager\nwithout:\n  - stack\n  - gone\n', ':4: expected without to name files', 'gone'],
    ['extends: home-manager\nwithout: [../x]\n', ':2: expected without to list paths', '../x'],
    ['extends: home-manager\ncommands: { update: 3 }\n', 'mine/profile.yaml:2: expected commands.update', '3'],
    ['extends: home-manager\nversions: [v2]\n', 'home-manager/profile.yaml:', 'expected a tag among stable, v2', 'v1'],
    ['extends: home-manager\nimitates: nixos\n', ':2: expected imitates to name one of', 'nixos'],
    ['extends: home-manager\nwithout: [rollback]\n', 'commands.rollback: expected the file ./rollback', 'no such file'],
    ['extends: home-manager\nowners: x\n', ':2: expected only keys', 'did you mean owner?'],
  ])('%j', (yaml, ...words) => {
    const message = refusal(profile('mine', { 'profile.yaml': yaml }));
    for (const text of words) expect(message).toContain(text);
  });
});

test('no shipped profile holds a file that another one holds too', () => {
  const own = listProfiles().flatMap(name => {
    const { directory, files } = loadProfile(name);
    return [...files].filter(([path, source]) => source === join(directory, path) && !path.includes('.test.'));
  });
  const twice = own.filter(([path, source]) =>
    own.some(
      ([same, other]) =>
        source < other && basename(same) === basename(path) && readFileSync(source).equals(readFileSync(other)),
    ),
  );
  expect(twice).toEqual([]);
  expect(own.every(([, source]) => existsSync(source))).toBe(true);
});
