import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Entry, parseEntry } from './entry.ts';
import { mustBeWritable, readCorpus, saveEntry } from './store.ts';

const entry: Entry = {
  format: 1,
  invariant: 'single-owner',
  promise: 'Exactly one file defines each unit.',
  signature: 'single-owner: STACK-stack.service has 2 files',
  expect: 'violated',
  profile: 'home-manager',
  provider: 'docker-compose',
  host: 'simulator',
  steps: [
    { operation: 'shadow-unit', args: { stack: 'web' } },
    { operation: 'rebuild', args: {} },
  ],
  details: ['web-stack.service has 2 files'],
  explanation: ['What was done:', '  1. shadow web'],
  versions: { podman: '5.4.2' },
  found: { date: '2026-01-02T03:04:05.000Z', seed: 7, run: 3, operations: 120, shrunkFrom: 14 },
};

let folder: string;
beforeEach(async () => {
  const outer = await mkdtemp(join(tmpdir(), 'stackfuzz-test-'));
  folder = join(outer, 'corpus');
  return () => rm(outer, { recursive: true });
});

describe('saving', () => {
  test('names the file after the operations and reads back what was saved', async () => {
    const saved = await saveEntry(folder, entry, 'a log');
    expect(saved).toEqual({ path: join(folder, 'single-owner/shadow-unit-rebuild.json'), fresh: true });
    const { entries, problems } = await readCorpus(folder);
    expect(problems).toEqual([]);
    expect(entries).toEqual([{ path: saved.path, entry: { ...entry, evidence: 'shadow-unit-rebuild.evidence.txt' } }]);
    expect(await readFile(join(folder, 'single-owner/shadow-unit-rebuild.evidence.txt'), 'utf8')).toBe('a log');
  });

  test('leaves an entry with the same signature as it is', async () => {
    const first = await saveEntry(folder, entry);
    const again = await saveEntry(folder, { ...entry, steps: [{ operation: 'rebuild', args: {} }] });
    expect(again).toEqual({ path: first.path, fresh: false });
    expect((await readCorpus(folder)).entries).toEqual([{ path: first.path, entry }]);
  });

  test('takes the same signature under another provider for another finding, under another name', async () => {
    await saveEntry(folder, entry);
    const other = await saveEntry(folder, { ...entry, provider: 'podman-compose' });
    expect(other).toEqual({ path: join(folder, 'single-owner/shadow-unit-rebuild-2.json'), fresh: true });
  });

  test('knows it where an entry says that it shows with that provider too', async () => {
    const first = await saveEntry(folder, { ...entry, alsoWith: ['podman-compose'] });
    const other = await saveEntry(folder, { ...entry, provider: 'podman-compose' });
    expect(other).toEqual({ path: first.path, fresh: false });
  });
});

test('a finding on another Debian release is another one; one that names none is of trixie', async () => {
  await saveEntry(folder, entry);
  expect((await saveEntry(folder, { ...entry, suite: 'bookworm' })).fresh).toBe(true);
  expect((await saveEntry(folder, { ...entry, suite: 'trixie' })).fresh).toBe(false);
  expect((await readCorpus(folder)).entries.map(stored => stored.entry.suite)).toEqual(['bookworm', undefined]);
});

describe('reading', () => {
  test('a folder that is not there holds nothing', async () => {
    expect(await readCorpus(folder)).toEqual({ entries: [], problems: [] });
  });

  test('one broken file is named, and the others are read all the same', async () => {
    await saveEntry(folder, entry);
    await writeFile(join(folder, 'single-owner/broken.json'), '{"format": 1,');
    await writeFile(join(folder, 'single-owner/newer.json'), '{"format": 2}');
    const { entries, problems } = await readCorpus(folder);
    expect(entries.map(stored => stored.entry)).toEqual([entry]);
    expect(problems.map(problem => problem.message)).toEqual([
      expect.stringMatching(/broken\.json: expected JSON, found .+\n {2}Mend it by hand/),
      expect.stringMatching(/newer\.json: expected format 1, found format 2\n {2}Another version of stackfuzz/),
    ]);
  });

  test.each([
    ['no steps', { steps: [] }, 'steps'],
    ['an unknown expectation', { expect: 'maybe' }, 'expect'],
    ['a step whose arguments are no plain values', { steps: [{ operation: 'x', args: { a: [] } }] }, 'steps.0.args.a'],
    ['a key that nobody knows', { replayPath: 'AB:C' }, 'replayPath'],
    ['an invariant that leaves the folder', { invariant: '../x' }, 'invariant'],
    ['evidence elsewhere', { evidence: '../../etc/passwd' }, 'evidence'],
  ])('refuses %s', (_, change, named) => {
    expect(() => parseEntry(JSON.stringify({ ...entry, ...change }), 'x.json')).toThrow(named);
  });
});

describe('a folder that cannot be written', () => {
  test('a file in the way is found before anything is done', async () => {
    await writeFile(folder, '');
    await expect(mustBeWritable(folder)).rejects.toThrow(
      /cannot be written \(EEXIST\)\n {2}Choose another: --corpus DIR/,
    );
    await expect(mustBeWritable(join(folder, 'below'))).rejects.toThrow(/cannot be written \(ENOTDIR\)/);
  });

  test('a file system that takes no files is found, also as root', async () => {
    await expect(mustBeWritable('/proc/stackfuzz')).rejects.toThrow(/\/proc\/stackfuzz: expected a folder to save/);
  });

  test('one that can be written is left as it was', async () => {
    await mustBeWritable(folder);
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });
});
