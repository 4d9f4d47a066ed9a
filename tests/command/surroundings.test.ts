import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder, idle, projectWith, runStackfuzz } from '../helpers/command.ts';
import { plantedSecrets } from '../helpers/planted-secrets.ts';

let project: string;
beforeAll(() => {
  const apply =
    'async host => { await host.container("remove", "web", "app"); return { ok: true, status: 0, message: "" }; }';
  project = projectWith({ break: idle({ apply }) });
});

const walking = ['--schedule', 'walks', '--runs', '2', '--seed', '1'];
const fuzzing = ['fuzz', '--host', 'simulator', ...walking, '--corpus', 'corpus'];

describe('the place of a report', () => {
  test.each([
    ["''", '', 'an empty name'],
    ['new/', 'new/', 'the name of a folder'],
    ['a name that is too long', 'x'.repeat(300), 'a name that is too long'],
  ])('%s is refused before anything is done', async (_, json, reason) => {
    const folder = emptyFolder();
    const { status, out, err } = await runStackfuzz([...fuzzing, '--json', json], folder, { project });
    expect({ status, out }).toEqual({ status: 3, out: '' });
    expect(err).toContain(reason);
    expect(err).not.toContain('Fuzzing');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that turns out to be full costs the report only: the verdict stands, and the report is told', async () => {
    const folder = emptyFolder();
    symlinkSync('/dev/full', join(folder, 'full'));
    const { status, out, err } = await runStackfuzz([...fuzzing, '--json', 'full'], folder, { project });
    expect({ status, out }).toEqual({ status: 1, out: expect.stringContaining('VIOLATED: 1 new finding') });
    expect(err).toMatch(/The report is not in full: .*no space left .ENOSPC..*\n\{\n {2}"format": 1,/);
    expect(readlinkSync(join(folder, 'full'))).toBe('/dev/full');
  });

  test('may be standard output, after what was said', async () => {
    const { status, out } = await runStackfuzz([...fuzzing, '--json', '/dev/stdout'], emptyFolder(), { project });
    expect(status).toBe(1);
    expect(JSON.parse(out.slice(out.indexOf('\n{') + 1))).toMatchObject({ verdict: 'violated' });
  });
});

describe('an entry whose evidence is missing', () => {
  test('is named by list and replay, and gets it when the finding shows again', async () => {
    const folder = emptyFolder();
    await runStackfuzz(fuzzing, folder, { project });
    const [evidence = ''] = readdirSync(join(folder, 'corpus'), { recursive: true, encoding: 'utf8' }).filter(name =>
      name.endsWith('.txt'),
    );
    const path = join(folder, 'corpus', evidence);
    const text = readFileSync(path, 'utf8');
    rmSync(path);
    const listed = await runStackfuzz(['list', 'corpus', '--corpus', 'corpus'], folder, { project });
    expect(listed.err).toContain(`its evidence is missing: corpus/${evidence}`);
    const replayed = await runStackfuzz(['replay', '--host', 'simulator', '--corpus', 'corpus'], folder, { project });
    expect(replayed).toMatchObject({ status: 0, out: expect.stringContaining(`is there now: corpus/${evidence}`) });
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect((await runStackfuzz(['list', 'corpus', '--corpus', 'corpus'], folder, { project })).err).toBe('');
  });
});

describe('the terminal', () => {
  const sequence = '\u001b';

  test('shows control characters of names and files, and obeys none; and no secret that a file holds', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'corpus/x'), { recursive: true });
    writeFileSync(join(folder, `corpus/x/a${sequence}[2J.json`), `{"${sequence}]0;title`);
    const secrets = plantedSecrets.map(each => each.text).join('\\n');
    writeFileSync(join(folder, 'corpus/x/secret.json'), JSON.stringify({ format: secrets }));
    const { status, out, err } = await runStackfuzz(['list', 'corpus', '--corpus', 'corpus'], folder, { project });
    expect(status).toBe(3);
    expect(out + err).not.toContain(sequence);
    expect(err).toContain(String.raw`corpus/x/a\x1b[2J.json: expected JSON`);
    expect(plantedSecrets.filter(({ secret }) => (out + err).includes(secret))).toEqual([]);
    const mistaken = await runStackfuzz(['fuzz', `--${sequence}[31m`], folder, { project });
    expect(mistaken).toMatchObject({
      status: 3,
      err: expect.stringContaining(String.raw`unknown option '--\x1b[31m'`),
    });
  });
});

describe('arguments of a step', () => {
  test('that its operation does not take make the entry stale, for a plain reason', async () => {
    const folder = emptyFolder();
    await runStackfuzz(fuzzing, folder, { project });
    const [file = ''] = readdirSync(join(folder, 'corpus'), { recursive: true, encoding: 'utf8' }).filter(name =>
      name.endsWith('.json'),
    );
    const path = join(folder, 'corpus', file);
    const entry = JSON.parse(readFileSync(path, 'utf8')) as { steps: { args: object }[] };
    writeFileSync(path, JSON.stringify({ ...entry, steps: [{ ...entry.steps[0], args: { surplus: 'x' } }] }));
    const { status, out } = await runStackfuzz(['replay', '--host', 'simulator', '--corpus', 'corpus'], folder, {
      project,
    });
    expect({ status, out }).toEqual({
      status: 2,
      out: expect.stringContaining('stale: step 1: break does not take {"surplus":"x"}; it takes arguments such as {}'),
    });
  });
});
