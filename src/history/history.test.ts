import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Problem } from '../problem.ts';
import { withDatabase } from './database.ts';
import { migrations, type NightFinding, type NightRecord, withHistory } from './history.ts';

const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-history-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const fresh = (): string => join(folder, `${++count}.db`);

const finding = (signature: string): NightFinding => ({
  signature,
  invariant: signature.split(':')[0] ?? '',
  promise: `Of ${signature}.`,
  entry: `corpus/${signature}.json`,
  known: signature.startsWith('known'),
  steps: [{ operation: 'rebuild', args: {} }],
});
const night = (findings: readonly string[], other: Partial<NightRecord> = {}): NightRecord => ({
  host: 'wsl',
  profile: 'home-manager',
  provider: 'docker-compose',
  began: 1_000 * ++count,
  seconds: 60,
  status: findings.length > 0 ? 1 : 0,
  seed: 7,
  isWhole: true,
  stages: [{ name: 'corpus', status: 0, runs: 2, operations: 10, seconds: 5 }],
  findings: findings.map(finding),
  coverage: { rebuild: { succeeded: 1, failed: 2, justified: 3, skipped: 4 } },
  ...other,
});
const names = (all: readonly { readonly signature: string }[]) => all.map(({ signature }) => signature);

describe('what a night has changed', () => {
  test('is new, still there or gone, on its own host', async () => {
    const file = fresh();
    const add = (one: NightRecord) =>
      withHistory(file, history => {
        const { fresh, still, gone, statusBefore } = history.add(one);
        return [names(fresh), names(still), names(gone), statusBefore];
      });
    expect(await add(night(['a: x', 'b: y']))).toEqual([['a: x', 'b: y'], [], [], null]);
    expect(await add(night(['a: x', 'a: x']))).toEqual([[], ['a: x'], ['b: y'], 1]);
    expect(await add(night(['c: z'], { host: 'igpu' }))).toEqual([['c: z'], [], [], null]);
    // Half a night takes nothing away.
    expect(await add(night([], { isWhole: false }))).toEqual([[], [], [], 1]);
    expect(await add(night(['b: y']))).toEqual([['b: y'], [], ['a: x'], 0]);
    const [standing, nights, coverage] = await withHistory(file, history => [
      history.standing({ host: 'wsl' }).map(({ signature, state, nights, entry }) => [signature, state, nights, entry]),
      history.nights(2),
      history.coverage({ host: 'wsl' }),
    ]);
    expect(standing).toEqual([
      ['b: y', 'new', 2, 'corpus/b: y.json'],
      ['a: x', 'gone', 2, 'corpus/a: x.json'],
    ]);
    expect(nights).toMatchObject([
      { host: 'wsl', findings: 1, fresh: 1, gone: 1, operations: 10, runs: 2, isWhole: true },
      { host: 'wsl', findings: 0, fresh: 0, gone: 0, isWhole: false },
    ]);
    expect(coverage).toEqual({ rebuild: { succeeded: 4, failed: 8, justified: 12, skipped: 16 } });
  });

  test('is nothing new where the corpus had it, and is counted once', async () => {
    const file = fresh();
    const changes = (one: NightRecord) =>
      withHistory(file, history => {
        const { fresh, known, still, gone } = history.add(one);
        return [fresh, known, still, gone].map(names);
      });
    expect(await changes(night(['known: x', 'b: y']))).toEqual([['b: y'], ['known: x'], [], []]);
    expect(await changes(night(['known: x']))).toEqual([[], [], ['known: x'], ['b: y']]);
    expect(await changes(night([]))).toEqual([[], [], [], ['known: x']]);
    expect(await changes(night(['known: x']))).toEqual([[], ['known: x'], [], []]);
    const [nights, standing] = await withHistory(file, history => [history.nights(9), history.standing()]);
    expect(nights.map(each => each.fresh)).toEqual([0, 0, 0, 1]);
    expect(standing.map(({ signature, state }) => [signature, state])).toEqual([
      ['known: x', 'known'],
      ['b: y', 'gone'],
    ]);
  });

  test('is apart for each profile and provider on a host; a host is listed with all of them, and its own stacks', async () => {
    const file = fresh();
    const hardened = { profile: 'hardened' };
    const stacks = { host: 'wsl with ./media' };
    const kept = await withHistory(file, history => [
      history.add(night(['a: x'])),
      history.add(night(['b: y'], hardened)),
      history.add(night([], { provider: 'podman-compose' })),
      history.add(night(['c: z'], stacks)),
      history.add(night([], { host: 'wsl2' })),
      history.add(night(['a: x'])),
    ]);
    expect(kept.map(({ fresh, gone, statusBefore }) => [fresh.length, gone.length, statusBefore])).toEqual([
      [1, 0, null],
      [1, 0, null],
      [0, 0, null],
      [1, 0, null],
      [0, 0, null],
      [0, 0, 1],
    ]);
    const [standing, nights, own] = await withHistory(file, history => [
      history.standing({ host: 'wsl' }).map(({ profile, signature, state }) => [profile, signature, state]),
      history.nights(9, { host: 'wsl' }).length,
      history.nights(9, { host: 'wsl', profile: 'hardened', provider: 'docker-compose' }).length,
    ]);
    expect([standing, nights, own]).toEqual([
      [
        ['hardened', 'b: y', 'new'],
        ['home-manager', 'a: x', 'still there'],
        ['home-manager', 'c: z', 'new'],
      ],
      5,
      1,
    ]);
  });

  test('is kept from the time before each profile had findings of its own', async () => {
    const file = fresh();
    const [first = ''] = migrations;
    await withDatabase(file, [first], connection => {
      for (const sql of [
        "INSERT INTO nights VALUES (1, 'wsl', 'hardened', 'docker-compose', 1000, 60, 1, 7, 1, 1, 1, 0, 5, 1)",
        "INSERT INTO findings VALUES (1, 'a: x', 'a', 'Of a.')",
        "INSERT INTO sightings VALUES (1, 1, 'corpus/a.json', '[]', NULL)",
        "INSERT INTO standing VALUES ('wsl', 1, 1, 1, 1, NULL)",
        "INSERT INTO coverage VALUES (1, 'rebuild', 1, 2, 3, 4)",
        "INSERT INTO coverage VALUES (1, 'stop', 0, 0, 0, 0)",
      ])
        connection.run(sql);
    });
    const { still } = await withHistory(file, history => history.add(night(['a: x'], { profile: 'hardened' })));
    expect(names(still)).toEqual(['a: x']);
    const none = { succeeded: 0, failed: 0, justified: 0, skipped: 0 };
    expect(await withHistory(file, history => history.coverage({ host: 'wsl' }))).toEqual({
      rebuild: { succeeded: 2, failed: 4, justified: 6, skipped: 8 },
      stop: none,
    });
  });

  test('is not told of what was not asked for', async () => {
    const file = fresh();
    const state = await withHistory(file, history => {
      history.add(night(['a: x']));
      history.add(night([], { isWhole: false }));
      return history.standing().map(each => each.state);
    });
    expect(state).toEqual(['not asked for']);
  });
});

test('a night that cannot be kept whole leaves nothing', async () => {
  const file = fresh();
  await withHistory(file, history => history.add(night(['a: x'])));
  const broken = { ...night(['b: y']), coverage: { rebuild: null as never } };
  await expect(withHistory(file, history => history.add(broken))).rejects.toThrow(TypeError);
  expect(await withHistory(file, history => [history.nights(9).length, history.standing().length])).toEqual([1, 1]);
});

describe('a file that is no history is refused, by name, and left as it is', () => {
  const of = (text: string | Buffer): string => {
    const file = fresh();
    writeFileSync(file, text);
    return file;
  };
  const refusal = async (file: string): Promise<string> => {
    const error = await withHistory(file, history => history.nights(1)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Problem);
    return (error as Problem).message;
  };

  test('text', async () => {
    const file = of(
      'no database at all, but a text that is longer than the head of one, so that it is looked at in earnest',
    );
    expect(await refusal(file)).toMatch(new RegExp(`^${file}: expected stackfuzz's history, found .*not a database`));
    expect(readFileSync(file, 'utf8')).toMatch(/^no database/);
  });

  test('another program’s database', async () => {
    const file = fresh();
    const other = fileURLToPath(new URL('./database.ts', import.meta.url));
    expect(other).toContain('database');
    await withDatabase(file, ['CREATE TABLE t (x)'], connection => connection.run('PRAGMA application_id = 7'));
    expect(await refusal(file)).toContain('a database of another program');
  });

  test('a newer one', async () => {
    const file = fresh();
    await withDatabase(file, ['CREATE TABLE t (x)', 'CREATE TABLE u (x)', 'CREATE TABLE v (x)'], () => null);
    expect(await refusal(file)).toContain('found version 3, of a newer stackfuzz');
  });

  test('a damaged one', async () => {
    const file = fresh();
    await withHistory(file, history => {
      for (let at = 0; at < 40; at++) history.add(night(Array.from({ length: 20 }, (_, nth) => `p: ${nth}`)));
    });
    const bytes = readFileSync(file);
    expect(bytes.length).toBeGreaterThan(40_000);
    bytes.fill(0xa5, 4096, bytes.length);
    writeFileSync(file, bytes);
    expect(await refusal(file)).toMatch(/expected stackfuzz's history, found .*malformed/);
  });

  test('a folder, and a link', async () => {
    const file = fresh();
    mkdirSync(file);
    expect(await refusal(file)).toContain('expected a regular file');
    symlinkSync(of(''), `${file}.link`);
    expect(await refusal(`${file}.link`)).toContain('expected a regular file');
  });
});

test('a process that is killed loses nothing that it had kept, and blocks nobody', async () => {
  const file = fresh();
  const built = (path: string) => JSON.stringify(new URL(`../../dist/src/history/${path}`, import.meta.url).href);
  const script = `const { withHistory } = await import(${built('history.js')});
    const night = ${JSON.stringify(night(['a: x', 'b: y', 'c: z']))};
    await withHistory(${JSON.stringify(file)}, history => {
      for (let at = 1; ; at++) {
        history.add({ ...night, began: at });
        require('fs').writeSync(1, at + '\\n');
      }
    });`;
  for (const commits of [1, 7]) {
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { createRequire } from 'node:module'; const require = createRequire('/'); ${script}`,
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let said = '';
    child.stdout.setEncoding('utf8');
    for await (const chunk of child.stdout) {
      said += chunk;
      // It goes on while the signal is on its way, and is met anywhere.
      if (said.split('\n').length > commits) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    const kept = Number(said.trimEnd().split('\n').at(-1));
    await withDatabase(file, migrations, connection => {
      expect(connection.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    });
    const [last] = await withHistory(file, history => history.nights(1));
    expect(last?.began).toBeGreaterThanOrEqual(kept);
    expect(last).toMatchObject({ findings: 3 });
  }
});
