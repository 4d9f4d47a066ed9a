import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { emptyFolder, runProgram, runStackfuzz, typed } from '../helpers/command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const words = (line: string): string[] => line.split(' ').filter(word => word !== '');

describe('a mistake in a command line makes 3, and says what was expected', () => {
  test.each([
    ['', 'Usage: stackfuzz'],
    ['fuz', "unknown command 'fuz'"],
    ['audit', "required option '--host <name>'"],
    ['audit --host lab --nagios --prometheus', 'audit: expected one format, found nagios and prometheus'],
    ['audit --host lab --format csv', 'Allowed choices are text, json, nagios, prometheus'],
    ['audit --host lab --out /', '--out /: expected a file that can be written'],
    ['audit --host Lab_1', 'expected the name of a machine'],
    ['audit --host nobody', 'expected a host of stackfuzz.yaml, or a lab machine'],
    ['fuzz --sed 7', "unknown option '--sed'"],
    ['fuzz extra', 'too many arguments'],
    ['fuzz --host moon', 'expected lab, simulator, or the name of a machine of your own, found moon'],
    ['fuzz --seed x', 'Expected a whole number from 0'],
    ['fuzz --runs 0', 'Expected a whole number from 1 to '],
    ['fuzz --steps 100000000', 'Expected a whole number from 1 to 10000'],
    ['fuzz --runs 1e12', 'Expected a whole number from 1 to 1000000000'],
    ['fuzz --findings 99999999999', 'Expected a whole number from 1 to 1000000000'],
    ['fuzz --from 2147483648', 'Expected a whole number from 0 to 2147483647'],
    ['fuzz --budget 99999h', 'Expected a duration of at most 720h'],
    ['fuzz --labs 2000', 'this computer has '],
    ['replay --labs 2000', 'this computer has '],
    ['fuzz --budget 10x', 'Expected a duration such as 90s, 10m or 1h30m'],
    ['fuzz --host simulator --profile nobody', '--profile nobody: expected one of '],
    ['fuzz --host simulator --profile ./nowhere', 'expected a folder with a profile.yaml, found nothing of that name'],
    ['fuzz --host simulator --stacks ./nowhere', '--stacks ./nowhere: expected a compose file, a folder with one'],
    ['explore --stacks ./nowhere', '--stacks ./nowhere: expected a compose file, a folder with one'],
    ['explore --stacks 0', 'Expected a whole number from 1'],
    ['fuzz --host simulator --provider compose', 'expected docker-compose or podman-compose, found compose'],
    ['fuzz --suite buster', 'Allowed choices are trixie, bookworm'],
    [
      'fuzz --host simulator --suite bookworm',
      'expected the release that the simulator imitates: trixie, found bookworm',
    ],
    [
      'scenario --suite bookworm --provider docker-compose',
      '--provider, for profile home-manager on bookworm: expected podman-compose, found docker-compose',
    ],
    ['replay --host simulator --corpus gone', 'gone: expected a corpus folder, found nothing of that name'],
    ['replay --host simulator gone.json', 'gone.json: expected a corpus entry, found no such file'],
    ['list things', 'Allowed choices are operations, promises, scenarios, profiles, corpus, findings'],
    ['lab fly', "unknown command 'fly'"],
    ['lab shell', "missing required argument 'name'"],
    ['lab down nobody', 'found nobody'],
    ['lab up ../../NAME', 'expected the name of a machine: 1 to 51 small letters, digits and hyphens'],
    ['lab up LAB', 'found "LAB"'],
    ['lab down ../../NAME', 'found "../../NAME"'],
    ['lab shell /etc', 'found "/etc"'],
  ])('stackfuzz %s', async (line, message) => {
    const { status, out, err } = await typed(words(line), emptyFolder());
    expect({ status, said: out + err }).toEqual({ status: 3, said: expect.stringContaining(message) });
  });

  test('nothing is left behind in the folder', async () => {
    const folder = emptyFolder();
    await typed(words('fuzz --host simulator --provider compose'), folder);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('machines that cannot be had are refused before a search explores anything', () => {
  test('a release that the simulator does not imitate', async () => {
    const { status, err } = await typed(words('fuzz --host simulator --suite bookworm'), emptyFolder());
    expect({ status, err }).toEqual({ status: 3, err: expect.not.stringContaining('Looking for suspects') });
  });

  test('lab machines, on a computer that has not what they take', async () => {
    const [folder, nothing] = [emptyFolder(), emptyFolder()];
    const { status, err } = await runStackfuzz(words('fuzz --host lab'), folder, { env: { PATH: nothing } });
    expect({ status, err }).toEqual({
      status: 3,
      err: expect.stringContaining('--host lab: expected a computer that can run lab machines, found one without '),
    });
    expect(err).not.toContain('Looking for suspects');
  });

  test('an exploration whose findings are to be confirmed there', async () => {
    const [folder, nothing] = [emptyFolder(), emptyFolder()];
    const args = words('explore --operations rebuild --depth 1 --confirm');
    const { status, out, err } = await runStackfuzz(args, folder, { env: { PATH: nothing } });
    expect({ status, out, err }).toEqual({
      status: 3,
      out: '',
      err: expect.stringContaining('--host lab: expected a computer that can run lab machines'),
    });
  });
});

/** A Node that reports another version: the program must refuse before it uses anything that this version lacks. */
test.each(['v18.20.8', 'v20.19.5'])('Node %s is refused before anything else is loaded', async version => {
  const older = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version.slice(1)}'})`;
  for (const [program, ...args] of [
    ['bin/stackfuzz.mjs', 'doctor'],
    ['src/setup/run.mjs', 'fuzz'],
  ] as const) {
    const ended = await runProgram(process.execPath, ['--import', older, join(root, program), ...args], emptyFolder());
    expect(ended).toMatchObject({ status: 3, out: '' });
    expect(ended.err).toMatch(new RegExp(`^stackfuzz: expected Node 20\\.20 or newer, found ${version.slice(1)} \\(`));
  }
});

describe('configuration that cannot be used makes 3', () => {
  test('a profile whose YAML is broken is named with its line', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'mine'));
    writeFileSync(join(folder, 'mine/profile.yaml'), 'about: mine\nowner: [\n');
    const { status, err } = await typed(words('fuzz --host simulator --profile ./mine'), folder);
    expect({ status, err }).toEqual({
      status: 3,
      err: expect.stringMatching(/mine\/profile\.yaml:\d+: expected YAML/),
    });
  });

  test('a corpus folder that cannot be written is found before anything is done', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const corpus of ['file', 'file/below', '/proc/stackfuzz']) {
      const { status, out, err } = await typed(['fuzz', '--host', 'simulator', '--corpus', corpus], folder);
      expect({ status, out }).toEqual({ status: 3, out: '' });
      expect(err).toContain(`${corpus}: expected a folder to save findings in, found one that cannot be written`);
      expect(err).not.toContain('Fuzzing');
    }
  });

  test('a report that cannot be written is found before anything is done', async () => {
    const folder = emptyFolder();
    const { status, err } = await typed(['fuzz', '--host', 'simulator', '--json', '.'], folder);
    expect({ status, err }).toEqual({ status: 3, err: expect.stringContaining('--json .: expected a file') });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test.each([
  '--help',
  '--version',
  'fuzz --help',
  'replay --help',
  'nightly --help',
  'lab --help',
  'lab up --help',
  'doctor',
  'list operations',
  'list invariants',
  'list scenarios',
  'scenario --help',
  'list profiles',
])('stackfuzz %s makes 0 and says something', async line => {
  const { status, out, err } = await typed(words(line), emptyFolder());
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).not.toContain('[redacted]');
  expect(out.length).toBeGreaterThan(line === '--version' ? 5 : 50);
});
