import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Entry, parseEntry } from './entry.ts';
import { mendEvidence, mustBeWritable, readCorpus, type Stored, saveEntry } from './store.ts';

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
    expect(saved).toEqual({ path: join(folder, 'single-owner/shadow-unit-rebuild.json'), state: 'saved' });
    const { entries, problems } = await readCorpus(folder);
    expect(problems).toEqual([]);
    expect(entries).toEqual([{ path: saved.path, entry: { ...entry, evidence: 'shadow-unit-rebuild.evidence.txt' } }]);
    expect(await readFile(join(folder, 'single-owner/shadow-unit-rebuild.evidence.txt'), 'utf8')).toBe('a log');
  });

  test('names the file of an entry without a step after what every run begins with', async () => {
    const saved = await saveEntry(folder, { ...entry, steps: [] });
    expect(saved.path).toBe(join(folder, 'single-owner/first-rebuild.json'));
    expect((await readCorpus(folder)).entries[0]?.entry.steps).toEqual([]);
  });

  test('leaves an entry with the same signature as it is', async () => {
    const first = await saveEntry(folder, entry);
    const again = await saveEntry(folder, { ...entry, steps: [{ operation: 'rebuild', args: {} }] });
    expect(again).toEqual({ path: first.path, state: 'known' });
    expect((await readCorpus(folder)).entries).toEqual([{ path: first.path, entry }]);
  });

  test('takes the same signature under another provider for another finding, under another name', async () => {
    await saveEntry(folder, entry);
    const other = await saveEntry(folder, { ...entry, provider: 'podman-compose' });
    expect(other).toEqual({ path: join(folder, 'single-owner/shadow-unit-rebuild-2.json'), state: 'saved' });
  });

  test('knows it where an entry says that it shows with that provider too', async () => {
    const first = await saveEntry(folder, { ...entry, alsoWith: ['podman-compose'] });
    const other = await saveEntry(folder, { ...entry, provider: 'podman-compose' });
    expect(other).toEqual({ path: first.path, state: 'known' });
  });
});

test('a finding that no promise explains is known by the name that it had before', async () => {
  const old = { ...entry, invariant: 'picture', signature: 'picture: units.STACK is gone' };
  const path = join(folder, 'picture/rebuild.json');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(old));
  const now = { invariant: 'expected-observation', signature: 'expected-observation: units.STACK is gone' };
  expect((await readCorpus(folder)).entries).toEqual([{ path, entry: { ...entry, ...now } }]);
  expect(await saveEntry(folder, { ...entry, ...now })).toEqual({ path, state: 'known' });
});

test('a finding about a boot is known by the name of the operation that it had before', async () => {
  const about = (what: string) =>
    `success-means-converged: ${what} claims success, but STACK-stack.service is not active`;
  const old = { ...entry, invariant: 'success-means-converged', signature: about('power-cut') };
  const path = join(folder, 'success-means-converged/power-cut.json');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(old));
  expect(await saveEntry(folder, { ...old, signature: about('BOOT') })).toEqual({ path, state: 'known' });
});

test('a finding on another Debian release is another one; one that names none is of trixie', async () => {
  await saveEntry(folder, entry);
  expect((await saveEntry(folder, { ...entry, suite: 'bookworm' })).state).toBe('saved');
  expect((await saveEntry(folder, { ...entry, suite: 'trixie' })).state).toBe('known');
  expect((await readCorpus(folder)).entries.map(stored => stored.entry.suite)).toEqual(['bookworm', undefined]);
});

describe('one corpus used by several runs, some of which are killed', () => {
  const program = fileURLToPath(new URL('../../dist/src/corpus/store.js', import.meta.url));

  /** A process that saves so many findings, with long evidence, and then prints the result of each. */
  const saver = (count: number, before = '') =>
    spawn(
      'sh',
      [
        '-c',
        `${before} exec "$0" --input-type=module -e "$1"`,
        process.execPath,
        `const { saveEntry } = await import(${JSON.stringify(program)});
        const entry = ${JSON.stringify(entry)};
        for (let at = 0; at < ${count}; at++) {
          const { path, state } = await saveEntry(${JSON.stringify(folder)}, { ...entry, signature: 'a: ' + at }, 'x\\n'.repeat(50_000));
          console.log(state, at, path);
        }`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );

  /** Entries, and faults of the corpus as a whole. */
  async function looked() {
    const { entries, problems } = await readCorpus(folder);
    const signatures = entries.map(stored => stored.entry.signature);
    const left = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.tmp'));
    const missing = entries.flatMap(stored => stored.missing ?? []);
    return { signatures, problems, left, missing, twice: signatures.length - new Set(signatures).size };
  }

  test('three runs with the same findings: each is saved once, and the others say that it is known', async () => {
    const said = await Promise.all([1, 2, 3].map(() => text(saver(8).stdout)));
    const states = said
      .join('')
      .trim()
      .split('\n')
      .map(line => line.split(' ')[0]);
    expect(states.filter(state => state === 'saved')).toHaveLength(8);
    expect(states.filter(state => state === 'known')).toHaveLength(16);
    expect(await looked()).toMatchObject({ problems: [], left: [], missing: [], twice: 0 });
    expect((await looked()).signatures).toHaveLength(8);
  });

  test('a run that is killed while it saves leaves no entry without evidence; the next one sweeps up and goes on', async () => {
    for (let kill = 0; kill < 4; kill++) {
      const run = saver(1_000);
      // When it has reported that one is saved, it is saving the next ones.
      await once(run.stdout, 'data');
      await new Promise(resolve => setTimeout(resolve, kill * 15));
      run.kill('SIGKILL');
      await once(run, 'close');
      expect(await looked()).toMatchObject({ problems: [], missing: [], twice: 0 });
    }
    const { signatures } = await looked();
    await text(saver(signatures.length + 1).stdout);
    expect(await looked()).toMatchObject({ problems: [], left: [], missing: [], twice: 0 });
    expect((await looked()).signatures.length).toBe(signatures.length + 1);
  });

  test('a disk on which the evidence finds no room gets no entry either', async () => {
    // ulimit -f counts blocks of 512 bytes: 20 KiB are enough for the entry.
    const run = saver(1, 'ulimit -f 40;');
    expect(await text(run.stderr)).toContain('EFBIG');
    expect(await looked()).toMatchObject({ signatures: [], left: [] });
  });
});

test('one that should hold and does not is said to be broken again; one that is known as violated goes first', async () => {
  const held = await saveEntry(folder, { ...entry, expect: 'held' });
  expect(await saveEntry(folder, entry)).toEqual({ path: held.path, state: 'again' });
  await writeFile(join(folder, 'single-owner/z.json'), JSON.stringify(entry));
  expect(await saveEntry(folder, entry)).toEqual({ path: join(folder, 'single-owner/z.json'), state: 'known' });
});

describe('evidence that is missing', () => {
  test('is named, and written when the finding shows again; what has come to stand there stays', async () => {
    const { path } = await saveEntry(folder, entry, 'a log');
    const evidence = path.replace('.json', '.evidence.txt');
    await rm(evidence);
    const [stored] = (await readCorpus(folder)).entries as [Stored];
    expect(stored.missing).toBe(evidence);
    expect(await mendEvidence(stored, 'another log')).toBe(evidence);
    expect(await mendEvidence(stored, 'a third')).toBeNull();
    expect(await readFile(evidence, 'utf8')).toBe('another log');
    await rm(evidence);
    expect(await saveEntry(folder, entry, 'a fourth')).toEqual({ path, state: 'known', mended: evidence });
    expect((await readCorpus(folder)).entries[0]?.missing).toBeUndefined();
  });

  test('evidence that a killed run left without an entry is written anew; what another entry names is not touched', async () => {
    await mkdir(join(folder, 'single-owner'), { recursive: true });
    await writeFile(join(folder, 'single-owner/shadow-unit-rebuild.evidence.txt'), 'of a dead run');
    const first = await saveEntry(folder, entry, 'mine');
    expect(await readFile(first.path.replace('.json', '.evidence.txt'), 'utf8')).toBe('mine');
    await rename(first.path, join(folder, 'single-owner/renamed.json'));
    const second = await saveEntry(folder, { ...entry, signature: 'another' }, 'other');
    expect(second.path).toBe(join(folder, 'single-owner/shadow-unit-rebuild-2.json'));
    expect(await readFile(first.path.replace('.json', '.evidence.txt'), 'utf8')).toBe('mine');
  });
});

test('secrets and what a terminal would obey are in no file of an entry', async () => {
  const { path } = await saveEntry(
    folder,
    { ...entry, details: ['DB_PASSWORD=hunter2'], explanation: ['with "\u001b[2J redis://:hunter2@host"'] },
    'MYSQL_PWD=hunter2 \u001b]0;title\u0007',
  );
  const texts = [await readFile(path, 'utf8'), await readFile(path.replace('.json', '.evidence.txt'), 'utf8')].join();
  expect(texts).not.toContain('hunter2');
  expect(texts).not.toContain('\u001b');
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
    explanation: [String.raw`with "\x1b[2J redis://:[redacted]@host"`],
  });
});

describe('reading', () => {
  test('a pipe, a folder and a link of such a name are told, and never waited for; the others are read', async () => {
    const { path } = await saveEntry(folder, entry);
    execFileSync('mkfifo', [join(folder, 'single-owner/pipe.json')]);
    await mkdir(join(folder, 'single-owner/folder.json'));
    await symlink(path, join(folder, 'single-owner/link.json'));
    const { entries, problems } = await readCorpus(folder);
    expect(entries).toEqual([{ path, entry }]);
    expect(problems.map(({ message }) => message.split('\n')[0])).toEqual([
      expect.stringMatching(/folder\.json: .*found a folder$/),
      expect.stringMatching(/link\.json: .*found a link$/),
      expect.stringMatching(/pipe\.json: .*found a named pipe$/),
    ]);
  });

  test('a folder that cannot be read takes nothing else away', async () => {
    const { path } = await saveEntry(folder, entry);
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0 });
    await chmod(dirname(folder), 0o755);
    const root = process.getuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    const { entries, problems } = await readCorpus(folder).finally(() => root && process.seteuid?.(0));
    expect(entries).toEqual([{ path, entry }]);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining(`${closed}: expected a folder of entries`),
    ]);
  });

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
    ['an unknown expectation', { expect: 'maybe' }, 'expect'],
    ['a step whose arguments are no plain values', { steps: [{ operation: 'x', args: { a: [] } }] }, 'steps.0.args.a'],
    ['a key that nobody knows', { replayPath: 'AB:C' }, 'replayPath'],
    ['an invariant that leaves the folder', { invariant: '../x' }, 'invariant'],
    ['evidence elsewhere', { evidence: '../../etc/passwd' }, 'evidence'],
    ['evidence that is the folder above', { evidence: '..' }, 'evidence'],
    ...[
      ['an empty argument', { stack: '' }, 'stack'],
      ['an argument that leads elsewhere', { stack: '../../etc' }, 'stack'],
      ['an argument with NUL in it', { stack: 'a\0b' }, 'stack'],
      ['an argument with an escape sequence', { stack: '\u001b[2J' }, 'stack'],
      ['an argument that every object has', { stack: 'constructor' }, 'stack'],
      ['an argument as long as a book', { stack: 'x'.repeat(301) }, 'stack'],
      ['a key that every object has', { constructor: 'x' }, 'constructor'],
      ['a key with a path in it', { 'a/b': 'x' }, 'a/b'],
      ['arguments that are a list', ['web'], 'args'],
    ].map(([what, args, named]) => [what, { steps: [{ operation: 'x', args }] }, named] as [string, object, string]),
  ])('refuses %s', (_, change, named) => {
    expect(() => parseEntry(JSON.stringify({ ...entry, ...change }), 'x.json')).toThrow(named);
  });
});

test('the key __proto__ in a file is refused, not dropped', () => {
  const text = JSON.stringify({ ...entry, steps: [{ operation: 'x', args: {} }] });
  expect(() => parseEntry(text.replace('"args":{}', '"args":{"__proto__":"x"}'), 'x.json')).toThrow(
    'steps.0.args.__proto__',
  );
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
