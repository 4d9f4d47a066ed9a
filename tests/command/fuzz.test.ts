import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/corpus/entry.ts';
import { emptyFolder, idle, projectWith, runProgram, runStackfuzz, typed } from '../helpers/command.ts';

/** Random walks only: what a seed draws. */
const onSimulator = (...more: string[]): string[] => ['fuzz', '--host', 'simulator', '--schedule', 'walks', ...more];

function entriesIn(folder: string): readonly Entry[] {
  const files = readdirSync(join(folder, 'corpus-simulator'), { recursive: true, encoding: 'utf8' });
  return files
    .filter(file => file.endsWith('.json'))
    .sort()
    .map(file => JSON.parse(readFileSync(join(folder, 'corpus-simulator', file), 'utf8')));
}

describe('exit status', () => {
  test('0 where every promise was kept', async () => {
    const folder = emptyFolder();
    const { status, out } = await runStackfuzz(onSimulator('--runs', '3', '--json', 'r.json'), folder, {
      project: projectWith({ idle: idle() }),
    });
    expect({ status, out }).toEqual({
      status: 0,
      out: expect.stringContaining('HELD: every promise was kept in 3 runs.'),
    });
    // The record of what was tried is kept; there is no finding, so no corpus is made.
    expect(readdirSync(folder).sort()).toEqual(['.stackfuzz', 'r.json']);
    expect(JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'))).toMatchObject({
      status: 0,
      verdict: 'held',
      findings: [],
      runs: 3,
    });
  });

  test('1 where one was broken: a machine that does what the model knows nothing of', async () => {
    const apply =
      'async host => { await host.container("remove", "web", "app"); return { ok: true, status: 0, message: "" }; }';
    const project = projectWith({ break: idle({ apply, describe: '() => "break it"' }) });
    const folder = emptyFolder();
    const { status, out } = await runStackfuzz(onSimulator('--seed', '1', '--runs', '2'), folder, { project });
    expect(status).toBe(1);
    expect(out).toContain('  1. break it\nWhat was seen then:\n');
    expect(out).toContain('VIOLATED: 1 new finding.');
    const [entry] = entriesIn(folder);
    expect(entry).toMatchObject({
      expect: 'violated',
      host: 'simulator',
      steps: [{ operation: 'break', args: {} }],
      found: { seed: 1, run: 0 },
    });
    const saved = out.match(/^Saved: (.*)$/m)?.[1];
    expect(out).toContain(`To see it again: npx stackfuzz replay ${saved} --host simulator`);

    const again = await runStackfuzz(onSimulator('--seed', '1', '--runs', '2'), folder, { project });
    expect(again.status).toBe(1);
    expect(again.out).toContain(`VIOLATED: 0 new findings, 1 known from the corpus.`);
    expect(again.out).toContain(`known, met 2 times: ${saved}`);
    expect(entriesIn(folder)).toEqual([entry]);

    // A known finding is printed once; what the same search met with another provider is listed with it.
    expect(again.out.split('Known: ').length).toBe(2);
    expect(again.out).toContain(`Known: ${saved}\nBroken promise (${entry?.invariant}):`);
    const other = join(folder, (saved ?? '').replace('.json', '-2.json'));
    writeFileSync(other, JSON.stringify({ ...entry, profile: 'hardened' }));
    const waivers = join(folder, 'corpus-simulator/waivers.yaml');
    const waiver = `- promise: ${entry?.invariant}\n  owner: kim\n  reason: a test\n  until:`;
    writeFileSync(waivers, `${waiver} 2999-12-31\n`);
    const waived = await runStackfuzz(onSimulator('--seed', '1', '--runs', '2'), folder, { project });
    expect(waived.status).toBe(0);
    expect(waived.out).toContain('HELD, except for what is waived: 1 known finding.');
    expect(waived.out).toContain('    the same: simulator, profile hardened, docker-compose\n');
    expect(waived.out).toContain(
      '    waived until 2999-12-31 by kim, because a test (corpus-simulator/waivers.yaml:1)',
    );
    writeFileSync(waivers, `${waiver} 2000-01-01\n`);
    const expired = await runStackfuzz(onSimulator('--seed', '1', '--runs', '2'), folder, { project });
    expect(expired.status).toBe(1);
    expect(expired.out).toContain('WAIVER EXPIRED on 2000-01-01');
    writeFileSync(waivers, `${waiver}\n`);
    const refused = await runStackfuzz(onSimulator('--seed', '1', '--runs', '2'), folder, { project });
    expect(refused.status).toBe(3);
    expect(refused.err).toContain('corpus-simulator/waivers.yaml:4: expected a list of waivers');
    rmSync(waivers);
    rmSync(other);

    // A race proves no lie: it is listed apart, and alone it gives no verdict.
    const path = join(folder, saved ?? '');
    writeFileSync(path, JSON.stringify({ ...entry, shows: { times: 2, of: 10 } }));
    const race = await runStackfuzz(onSimulator('--seed', '1', '--runs', '2', '--json', 'r.json'), folder, { project });
    expect(race.status).toBe(2);
    expect(race.out).toContain(`comes and goes, shown in 2 of 10 runs: ${saved}`);
    expect(JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'))).toMatchObject({
      verdict: 'inconclusive',
      findings: [{ known: true, shows: { times: 2, of: 10 } }],
    });
  });

  test('2 where nothing can be said', async () => {
    const apply =
      'async () => { const { Unable } = await import("../host.js"); throw new Unable("there is no such lever"); }';
    const { status, out } = await runStackfuzz(onSimulator('--runs', '2'), emptyFolder(), {
      project: projectWith({ lame: idle({ apply }) }),
    });
    expect({ status, out }).toEqual({ status: 2, out: expect.stringContaining('INCONCLUSIVE') });
    expect(out).toContain('2 runs without a verdict; the first because: Unable: there is no such lever');
  });

  test.each([
    ['the model throws', { expected: '() => { throw new Error("oops") }' }, 'operation bad, expected'],
    ['a lever throws what no machine does', { apply: 'async () => { throw new TypeError("oops"); }' }, 'asked for bad'],
  ])('255 where %s, kept with its steps and the file to open, and the session goes on', async (_what, fault, where) => {
    const project = projectWith({ bad: idle(fault), good: idle() });
    const folder = emptyFolder();
    const { status, out } = await runStackfuzz(onSimulator('--seed', '3', '--runs', '4', '--json', 'r.json'), folder, {
      project,
    });
    expect({ status, out }).toEqual({ status: 255, out: expect.stringContaining('stackfuzz itself crashed in') });
    const report = JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'));
    expect(report).toMatchObject({ status: 255, runs: 4, next: 4 });
    const [{ file, message, stack, steps }] = report.crashes;
    expect([message, stack]).toEqual([expect.stringContaining(where), expect.stringContaining('oops')]);
    expect(steps.at(-1)).toEqual({ operation: 'bad', args: {} });
    expect(out).toContain(`Steps and stack trace: ${file}`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ seed: 3, message, stack, steps });
    rmSync(dirname(file), { recursive: true });
  });
});

describe('what only goes along with a search does not end it', () => {
  const apply =
    'async () => { const { Unable } = await import("../host.js"); throw new Unable("there is no such lever"); }';
  const lame = () => projectWith({ lame: idle({ apply }) });

  test.each([
    ['is gone', (folder: string) => join(folder, 'gone')],
    [
      'is a file',
      (folder: string) => {
        writeFileSync(join(folder, 'file'), '');
        return join(folder, 'file');
      },
    ],
  ])('a TMPDIR that %s', async (_what, tmpdirIn) => {
    const folder = emptyFolder();
    const TMPDIR = tmpdirIn(folder);
    const { status, out, err } = await runStackfuzz(onSimulator('--runs', '2'), folder, {
      project: lame(),
      env: { TMPDIR },
    });
    expect({ status, out }).toEqual({ status: 2, out: expect.stringContaining('2 runs without a verdict') });
    expect(err.match(/cannot be kept/g)).toHaveLength(1);
    expect(err).toContain(TMPDIR);
  });

  test('a standard error that is closed', async () => {
    const project = lame();
    const program = join(project, 'dist/src/cli/main.js');
    const { status, out } = await runProgram(
      'sh',
      ['-c', 'exec "$@" 2>&-', 'sh', process.execPath, program, ...onSimulator('--runs', '2')],
      emptyFolder(),
    );
    expect({ status, out }).toEqual({ status: 2, out: expect.stringContaining('2 runs without a verdict') });
  });
});

test('255 where it cannot even be loaded, which Node itself would end with 1', async () => {
  const project = projectWith({ idle: idle() });
  rmSync(join(project, 'dist/src/problem.js'));
  const { status, err } = await runStackfuzz(['doctor'], emptyFolder(), { project });
  expect({ status, err }).toEqual({ status: 255, err: expect.stringContaining('stackfuzz crashed') });
});

test('the same seed draws the same sequences and finds the same', async () => {
  const [one, other] = [emptyFolder(), emptyFolder()];
  for (const folder of [one, other])
    await typed(onSimulator('--seed', '7', '--runs', '30', '--json', 'r.json', '--corpus', 'corpus-simulator'), folder);
  // Times differ each time: when it began, and how long it and each of its steps took.
  const timeless = (key: string, value: unknown) => (key === 'seconds' || key === 'began' ? undefined : value);
  const [first, second] = [one, other].map(folder =>
    JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'), timeless),
  );
  expect(second).toEqual(first);
  expect(first).toMatchObject({ seed: 7, runs: 30 });
  const withoutDate = (entry: Entry) => ({ ...entry, found: { ...entry.found, date: '' } });
  expect(entriesIn(other).map(withoutDate)).toEqual(entriesIn(one).map(withoutDate));
});

describe('the schedule', () => {
  const apply =
    'async host => { await host.container("remove", "web", "app"); return { ok: true, status: 0, message: "" }; }';
  const project = projectWith({ break: idle({ apply }), idle: idle() });
  const fuzz = (...more: string[]): string[] => ['fuzz', '--host', 'simulator', '--seed', '1', ...more];

  test('does what was explored first, keeps what was tried, and goes on from there', async () => {
    const folder = emptyFolder();
    const all = ['--schedule', 'walks,suspects,differences', '--json', 'r.json'];
    const { status, out, err } = await runStackfuzz(fuzz(...all, '--runs', '1'), folder, { project });
    expect(status, out).toBe(1);
    expect(err).toContain('Looking for suspects: every sequence of 2 operations, on simulated machines');
    // The stages have one order, in whatever order they are asked for.
    expect(out).toContain('in 1 run (suspects: 1)');
    expect(out).toContain('Never tried on such a machine: 1 of 2 (idle).');
    expect(out).toMatch(/fuzz --host simulator --seed 1 --schedule suspects,differences,walks --from 1$/m);
    expect(entriesIn(folder)).toMatchObject([{ found: { seed: 'suspects', run: 0 } }]);
    // The progress line counts the same operations as the report.
    const { operations, cost } = JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'));
    expect(operations).toBe(cost.searching + cost.confirming + cost.shrinking + cost.discarded);
    expect(out).toContain(`  ${operations} operations (1 to search, ${operations - 1} to confirm and shrink)`);

    const again = await runStackfuzz(fuzz('--schedule', 'differences'), folder, { project });
    expect(again.err).not.toContain('Looking for suspects');
    expect(again.out).toContain('(differences: 1)');
    expect(again.out).not.toContain('Never tried');
    const done = await runStackfuzz(fuzz('--schedule', 'differences'), folder, { project });
    expect(done.out).toContain('It ended: all 0 plans were run.');
    // With another provider it is another machine.
    const other = await runStackfuzz(fuzz('--schedule', 'differences', '--provider', 'podman-compose'), folder, {
      project,
    });
    expect(other.out).toContain('(differences: ');
    // If an operation has changed, what was tried before no longer counts.
    const changed = projectWith({ break: idle({ apply }), idle: idle({ weight: '2' }) });
    const anew = await runStackfuzz(fuzz('--schedule', 'differences'), folder, { project: changed });
    expect(anew.out).toContain('(differences: ');
  });

  test('begins with what operations of your own break', async () => {
    const folder = emptyFolder();
    const apply = `host => host.container('remove', 'web', 'app')`;
    mkdirSync(join(folder, 'mine/operations'), { recursive: true });
    writeFileSync(
      join(folder, 'mine/operations/take-app.mjs'),
      idle({ needs: '["container remove"]', expected: 'world => ({ ...world })', apply }),
    );
    const suspects = fuzz('--schedule', 'suspects', '--models', 'mine');
    const { out } = await runStackfuzz(suspects, folder, { project: projectWith({ idle: idle() }) });
    expect(out).toContain('in 1 run (suspects: 1)');
    expect(entriesIn(folder)).toMatchObject([{ steps: [{ operation: 'take-app' }] }]);
  });

  test('explores for a quarter of the operations that are searched for, and goes on there', async () => {
    const folder = emptyFolder();
    const search = fuzz('--runs', '1', '--schedule', 'suspects,walks');
    const first = await typed(search, folder);
    expect(first.err).toContain('on simulated machines, for 8 operations at most');
    // The steps from the start are done together; the steps after them, and the other profiles, have to wait.
    const state = 'suspects-home-manager-docker-compose.state';
    const kept = () => readdirSync(join(folder, '.stackfuzz')).filter(file => file.startsWith('suspects'));
    expect(kept()).toEqual([state]);
    const second = await typed(search, folder);
    expect(second.err).toContain('An earlier search did not explore home-manager with docker-compose to the end');
    expect(second.err).toContain('Not explored to the end so far: home-manager with docker-compose, home-manager with');
    expect(kept()).toEqual([state]);
  });

  test('keeps an exploration that was cut short, and goes on with it', async () => {
    const folder = emptyFolder();
    // The first time it is interrupted during an operation that does not end.
    const hangs = `async () => {
      if (!existsSync('hung')) { writeFileSync('hung', ''); process.kill(process.pid, 'SIGINT'); await new Promise(() => {}); }
      return { ok: true, status: 0, message: '' };
    }`;
    const hanging = projectWith({
      idle: `import { existsSync, writeFileSync } from 'node:fs';\n${idle({ apply: hangs })}`,
    });
    const suspects = fuzz('--schedule', 'suspects');
    const first = await runStackfuzz(suspects, folder, { project: hanging });
    expect(first.status).toBe(2);
    const state = join(folder, '.stackfuzz/suspects-home-manager-docker-compose.state');
    expect(existsSync(state)).toBe(true);
    const second = await runStackfuzz(suspects, folder, { project: hanging });
    expect(second.err).toContain('An earlier search did not explore home-manager with docker-compose to the end');
    expect(second.out).toContain('It ended: all 0 plans were run.');
    expect(existsSync(state)).toBe(false);
  });

  test.each([
    ['no JSON', 'garbage', 'found no JSON'],
    ['another form', '{"format": 2}', 'found'],
  ])('refuses what was tried where the file is %s, and says what to do', async (_what, text, found) => {
    const folder = emptyFolder();
    const file = '.stackfuzz/tried-simulator-home-manager-docker-compose-trixie.json';
    mkdirSync(join(folder, '.stackfuzz'));
    writeFileSync(join(folder, file), text);
    const { status, err } = await runStackfuzz(fuzz('--schedule', 'walks', '--runs', '1'), folder, { project });
    expect(status).toBe(3);
    expect(err).toContain(`${file}: expected what earlier searches have tried`);
    expect(err).toContain(found);
    expect(err).toContain(`rm ${file}`);
    expect(readFileSync(join(folder, file), 'utf8')).toBe(text);
  });

  test.each(['walk', 'suspects,', ''])('refuses a stage that there is not: %j', async stages => {
    const { status, err } = await typed(fuzz('--schedule', stages), emptyFolder());
    expect({ status, err }).toEqual({
      status: 3,
      err: expect.stringContaining('Expected some of suspects,neighbours,differences,walks'),
    });
  });
});

describe('Ctrl-C', () => {
  const breaking = idle({
    apply:
      'async host => { await host.container("remove", "web", "app"); return { ok: true, status: 0, message: "" }; }',
  });

  test('ends after the running operation, keeps what was found, and says how to go on', async () => {
    const folder = emptyFolder();
    let sent = false;
    const { status, out, err } = await runStackfuzz(onSimulator('--budget', '10m', '--seed', '5'), folder, {
      project: projectWith({ break: breaking }),
      onOutput: (all, kill) => {
        if (sent || !all.includes('Saved: ')) return;
        sent = true;
        // As with npm: one signal from the terminal, and one that npm passes on.
        kill('SIGINT');
        kill('SIGINT');
      },
    });
    expect({ status, err }).toEqual({ status: 1, err: expect.stringContaining('Ending after the running operation.') });
    expect(err).not.toContain('Ending now');
    expect(out).toContain('stopped by the operator');
    expect(out).toMatch(/To go on: npx stackfuzz fuzz --host simulator --seed 5 --schedule walks --from \d+/);
    expect(entriesIn(folder)).toHaveLength(1);
  });

  test('makes 2 where nothing was found so far', async () => {
    let sent = false;
    const { status, out } = await runStackfuzz(onSimulator('--budget', '10m'), emptyFolder(), {
      project: projectWith({ idle: idle() }),
      onOutput: (all, kill) => {
        if (sent || !all.includes('Ctrl-C ends it early')) return;
        sent = true;
        kill('SIGINT');
      },
    });
    expect({ status, out }).toEqual({ status: 2, out: expect.stringContaining('INCONCLUSIVE') });
  });
});
