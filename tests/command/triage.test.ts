import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { emptyFolder, runStackfuzz, typed } from '../helpers/command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const name = 'active-means-running/stop-container-rebuild.json';

/** A folder with a corpus of one entry, which home-manager really shows. */
let folder: string;
let entry: { signature: string; expect: string; evidence?: string };
beforeEach(() => {
  folder = emptyFolder();
  mkdirSync(join(folder, 'corpus/active-means-running'), { recursive: true });
  entry = JSON.parse(readFileSync(join(root, 'corpus', name), 'utf8')) as typeof entry;
  cpSync(
    join(root, 'corpus/active-means-running', entry.evidence ?? ''),
    join(folder, 'corpus/active-means-running', entry.evidence ?? ''),
  );
  save({});
});

const save = (change: object): void =>
  writeFileSync(join(folder, 'corpus', name), JSON.stringify({ ...entry, ...change }));
const waive = (text: string): void => writeFileSync(join(folder, 'corpus/waivers.yaml'), text);
const waiver = (scope: string, until = '2999-12-31'): string =>
  `- signature: ${JSON.stringify(entry.signature)}\n${scope}  reason: on its way out\n  owner: kim\n  until: ${until}\n`;
const simulated = (...args: string[]) => typed([...args, '--host', 'simulator'], folder);

describe('what somebody accepted', () => {
  test('is told by replay and does not count; out of its scope, and once expired, it does', async () => {
    save({ expect: 'held' });
    expect(await simulated('replay')).toMatchObject({ status: 1 });
    waive(waiver('  stack: web\n  host: simulator\n  profile: home-manager\n'));
    const { status, out } = await simulated('replay');
    expect({ status, out }).toEqual({
      status: 0,
      out: expect.stringContaining('waived until 2999-12-31 by kim, because on its way out'),
    });
    waive(waiver('  host: lab\n'));
    expect(await simulated('replay')).toMatchObject({ status: 1 });
    waive(waiver('', '2001-01-01'));
    expect(await simulated('replay')).toMatchObject({
      status: 1,
      err: expect.stringContaining('WAIVER EXPIRED on 2001-01-01'),
    });
  });

  test('is waived in a scenario, which then ends with 0', async () => {
    const models = join(folder, 'models');
    mkdirSync(join(models, 'scenarios'), { recursive: true });
    writeFileSync(
      join(models, 'scenarios/H02.mjs'),
      `import { scenario, step } from 'stackfuzz';
export default scenario({ about: 'a', passes: 'p', cases: () => ({ stopped: [step('stop-container', { stack: 'web', service: 'app' }), step('rebuild')] }) });\n`,
    );
    // In a process of its own: it imports the package by its name.
    const run = () => runStackfuzz(['scenario', 'H02', '--models', 'models', '--host', 'simulator'], folder);
    expect(await run()).toMatchObject({ status: 1, out: expect.stringContaining('H02, stopped: failed') });
    waive(waiver('  stack: web\n'));
    const { status, out } = await run();
    expect({ status, out }).toEqual({
      status: 0,
      out: expect.stringContaining('H02, stopped: waived (waived until 2999-12-31 by kim'),
    });
    expect(out).toContain('0 passed, 0 failed, 0 blocked, 1 waived.');
  });

  test.each([
    ['without an expiry', (text: string) => text.replace(/ {2}until.*\n/, ''), ':1: expected'],
    [
      'of a signature that nobody has seen',
      (text: string) => text.replace(/signature: .*/, 'signature: never'),
      ':1: expected',
    ],
  ])('a waiver %s ends replay, scenario and list findings with 3, file and line', async (_, spoil, words) => {
    waive(spoil(waiver('')));
    for (const command of [
      ['replay', '--host', 'simulator'],
      ['scenario', 'S03', '--host', 'simulator'],
      ['list', 'findings'],
    ]) {
      const { status, err } = await typed(command, folder);
      expect({ status, err }, command[0] ?? '').toEqual({
        status: 3,
        err: expect.stringContaining(`corpus/waivers.yaml${words}`),
      });
    }
  });
});

describe('list findings', () => {
  test('tells each finding once, wherever it was seen, in corpora and in reports', async () => {
    const search = [
      'fuzz',
      '--profile',
      'home-manager',
      '--schedule',
      'walks',
      '--runs',
      '5',
      '--seed',
      '1',
      '--json',
      'report.json',
    ];
    await simulated(...search);
    const { status, out } = await typed(['list', 'findings', 'report.json', '--json', 'list.json'], folder);
    expect({ status, out }).toEqual({
      status: 0,
      out: expect.stringMatching(/^\d+ findings?: \d+ open, 0 waived, 0 mended\.$/m),
    });
    const groups = JSON.parse(readFileSync(join(folder, 'list.json'), 'utf8')) as {
      signature: string;
      sightings: { file: string }[];
    }[];
    expect(new Set(groups.map(({ signature }) => signature)).size).toBe(groups.length);
    const files = groups.flatMap(({ sightings }) => sightings.map(({ file }) => file));
    expect(files).toContain('report.json');
    expect(files).toContain(`corpus/${name}`);
  });

  test('says what is no report', async () => {
    writeFileSync(join(folder, 'no.json'), '{"format":1}');
    expect(await typed(['list', 'findings', 'no.json'], folder)).toMatchObject({
      status: 3,
      err: expect.stringContaining('no.json: expected a report that a search wrote'),
    });
    expect(await typed(['list', 'corpus', 'no.json'], folder)).toMatchObject({ status: 3 });
  });
});
