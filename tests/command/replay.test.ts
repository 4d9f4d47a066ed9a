import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder, idle, pressingCtrlC, projectWith, runStackfuzz, typed } from '../helpers/command.ts';

/**
 * Operations: one that changes nothing, one that breaks a promise, one that only a real machine can do, so that no search on
 * the simulator draws it, one during which Ctrl-C is pressed, and one that is never possible.
 */
let project: string;
let signature: string;
beforeAll(async () => {
  const apply =
    'async host => { await host.container("remove", "web", "app"); return { ok: true, status: 0, message: "" }; }';
  project = projectWith({
    idle: idle({ formerly: '["rest"]' }),
    break: idle({ apply }),
    real: idle({
      role: '"fault"',
      needs: '["shell"]',
      apply: 'async () => { throw new Error("done on the simulator"); }',
    }),
    interrupt: idle({ apply: pressingCtrlC }),
    never: idle({ choices: '() => []', allowed: '() => false', describe: '() => "do what cannot be done"' }),
  });
  const folder = emptyFolder();
  const { out } = await typed(
    ['fuzz', '--host', 'simulator', '--schedule', 'walks', '--runs', '20', '--seed', '1'],
    folder,
    { project },
  );
  const saved = out.match(/^Saved: (.*)$/m)?.[1] ?? 'nothing was saved';
  signature = (JSON.parse(readFileSync(join(folder, saved), 'utf8')) as { signature: string }).signature;
});

const entry = (operations: readonly string[], more: object = {}): object => ({
  format: 1,
  invariant: 'single-owner',
  promise: 'A promise.',
  signature,
  expect: 'violated',
  profile: 'home-manager',
  provider: 'docker-compose',
  host: 'lab',
  steps: operations.map(operation => ({ operation, args: {} })),
  details: [],
  explanation: [],
  versions: {},
  found: { date: '2026-01-02T03:04:05.000Z', seed: 1, run: 0, operations: 1, shrunkFrom: 1 },
  ...more,
});

async function replayed(files: Readonly<Record<string, object | string>>, ...more: string[]) {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'corpus/x'), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(
      join(folder, `corpus/x/${name}.json`),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  }
  // A test with Ctrl-C needs a process of its own.
  const run = Object.values(files).some(text => JSON.stringify(text).includes('"interrupt"')) ? runStackfuzz : typed;
  return run(['replay', '--host', 'simulator', ...more], folder, { project });
}

describe('each outcome is told, and makes its status', () => {
  test.each([
    ['still violated, as expected', 0, ['break'], {}],
    ['held, as expected', 0, ['idle'], { expect: 'held' }],
    ['held, as expected', 0, ['rest'], { expect: 'held' }],
    ['violated again, though it is expected to hold', 1, ['break'], { expect: 'held' }],
    ['now held, though it is expected to be violated', 1, ['idle'], {}],
    [
      'showed in 5 of 5 runs, 2 of 5 when it was found: it comes and goes',
      0,
      ['break'],
      { shows: { times: 2, of: 5 } },
    ],
    ['inconclusive: showed in 0 of 5 runs, 2 of 5 when it was found', 2, ['idle'], { shows: { times: 2, of: 5 } }],
    ['did not show in 5 runs', 0, ['idle'], { shows: { times: 2, of: 5 }, expect: 'held' }],
    ['another violation', 1, ['break'], { signature: 'single-owner: x', shows: { times: 1, of: 3 } }],
    ['held, as expected', 0, [], { expect: 'held' }],
    ['another violation', 1, ['break'], { signature: 'single-owner: something else' }],
    ['stale: step 2: there is no operation gone any more', 2, ['break', 'gone'], {}],
    [
      'not applicable: only a lab machine does real: it runs a shell line, which the simulator cannot; --host lab',
      2,
      ['break', 'real'],
      {},
    ],
    ['stale: step 1: "do what cannot be done" is no longer possible there', 2, ['never'], { expect: 'held' }],
  ])('%s: %i', async (words, status, operations, more) => {
    const result = await replayed({ one: entry(operations, more) });
    expect(result).toMatchObject({ status, out: expect.stringContaining(`corpus/x/one.json: ${words}`) });
  });
});

test('files that cannot be read are named, and the others replayed all the same', async () => {
  const { status, out, err } = await replayed({
    broken: '{"format": 1,',
    good: entry(['break']),
    newer: { format: 2 },
    stranger: entry(['break'], { profile: 'nobody' }),
  });
  expect(out).toBe(
    'corpus/x/good.json: still violated, as expected\n1 of 1 came out as expected, 3 files that cannot be replayed.\n',
  );
  expect(err).toMatch(/corpus\/x\/broken\.json: expected JSON, found/);
  expect(err).toContain('corpus/x/newer.json: expected format 1, found format 2');
  expect(err).toMatch(/corpus\/x\/stranger\.json: .*\n.*nobody: expected one of .*home-manager/);
  expect(status).toBe(3);
});

test('what the simulator cannot show is told, and the others are replayed all the same', async () => {
  const onDebian12 = { provider: 'podman-compose', suite: 'bookworm' };
  const { status, out } = await replayed({ good: entry(['break']), other: entry(['break'], onDebian12) });
  expect(out).toContain('corpus/x/good.json: still violated, as expected\n');
  expect(out).toContain('corpus/x/other.json: not applicable: the simulator does not imitate bookworm');
  expect(out).toMatch(/^1 of 1 came out as expected, 1 left out, which these machines cannot show\.$/m);
  expect(status).toBe(0);
});

test('where it is asked for by its name, or nothing else is there, the question stays open', async () => {
  const other = entry(['break'], { provider: 'podman-compose', suite: 'bookworm' });
  const named = await replayed({ good: entry(['break']), other }, 'corpus/x/good.json', 'corpus/x/other.json');
  expect(named).toMatchObject({ status: 2, out: expect.stringContaining('other.json: inconclusive: the simulator') });
  const alone = await replayed({ other, real: entry(['real']) });
  expect(alone).toMatchObject({ status: 2, out: expect.stringMatching(/^0 of 0 .* 2 left out/m) });
});

test('Ctrl-C begins nothing more, and says what to type for the others', async () => {
  const { status, out, err } = await replayed({
    a: entry(['break']),
    b: entry(['interrupt', 'break']),
    c: entry(['break']),
    d: entry(['break'], { provider: 'podman-compose' }),
    e: entry(['break'], { provider: 'podman-compose', suite: 'bookworm' }),
  });
  expect(out).toBe(
    [
      'corpus/x/a.json: still violated, as expected',
      'corpus/x/e.json: not applicable: the simulator does not imitate bookworm: --host lab',
      '1 of 1 came out as expected, 1 left out, which these machines cannot show, 3 not replayed, because it was stopped.',
      'To go on: npx stackfuzz replay corpus/x/b.json corpus/x/c.json corpus/x/d.json --host simulator',
      '',
    ].join('\n'),
  );
  expect(err.match(/^Replaying/gm)).toHaveLength(1);
  expect(status).toBe(2);
});

test('what only the simulator has shown is replayed there, beside the corpus', async () => {
  const folder = emptyFolder();
  const found = await typed(
    ['fuzz', '--host', 'simulator', '--schedule', 'walks', '--runs', '20', '--seed', '1'],
    folder,
    { project },
  );
  const path = found.out.match(/^Saved: (corpus-simulator\/.*)$/m)?.[1];
  expect(existsSync(join(folder, 'corpus'))).toBe(false);
  mkdirSync(join(folder, 'corpus/x'), { recursive: true });
  writeFileSync(join(folder, 'corpus/x/one.json'), JSON.stringify(entry(['break', 'idle'])));
  const { status, out } = await typed(['replay', '--host', 'simulator'], folder, { project });
  expect(out).toContain('corpus/x/one.json: still violated, as expected\n');
  expect(out).toContain(`${path}: still violated, as expected\n`);
  expect(status).toBe(0);
  const listed = await typed(['list', 'corpus'], folder, { project });
  expect(listed.out).toContain(path);
});

test('--keep takes over what shows on this machine, as it was said and seen here, and nothing else', async () => {
  const { out } = await replayed({ a: entry(['break']), b: entry(['idle']) }, '--keep', emptyFolder());
  const path = out.match(/^ {2}kept: (.*)$/m)?.[1] ?? 'nothing was kept';
  const kept = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  expect(kept).toMatchObject({ host: 'simulator', signature, found: { seed: 1 } });
  expect(kept.versions).not.toEqual({});
  expect(out.match(/kept:/g)).toHaveLength(1);
});

test('a violation outweighs a file that cannot be read', async () => {
  expect(await replayed({ broken: '{', worse: entry(['idle']) })).toMatchObject({ status: 1 });
});

test('an empty corpus says that there is nothing to replay', async () => {
  expect(await replayed({})).toMatchObject({ status: 0, out: 'There is nothing to replay.\n' });
});

test('list operations says which of them only a lab machine does, and why', async () => {
  const { out } = await typed(['list', 'operations'], emptyFolder(), { project });
  expect(out).toMatch(
    /^real +drift, such as: do nothing; lab only: it runs a shell line, which the simulator cannot$/m,
  );
});

test('list corpus shows what is stale, and the report for programs says the same', async () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'corpus/x'), { recursive: true });
  writeFileSync(join(folder, 'corpus/x/old.json'), JSON.stringify(entry(['gone'])));
  const listed = await typed(['list', 'corpus'], folder, { project });
  expect(listed.out).toMatch(/^corpus\/x\/old\.json {2}stale: step 1: there is no operation gone any more/);
  await typed(['replay', '--host', 'simulator', '--json', 'r.json'], folder, { project });
  expect(JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'))).toMatchObject({
    status: 2,
    verdict: 'inconclusive',
    entries: [{ path: 'corpus/x/old.json', outcome: 'stale' }],
  });
});
