import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { buildRoot, labAvailable } from '../../src/hosts/lab/index.ts';
import { checkout, runProgram, typed } from '../helpers/command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const lines = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n'));

const lab = labAvailable();

/** Commands that take long, or need a lab, are made shorter, or only their help is printed. */
const shortened: Readonly<Record<string, readonly string[]>> = {
  fuzz: ['--host', 'simulator', '--schedule', 'walks', '--runs', '5', '--budget', '60s'],
  explore: ['--depth', '1'],
  replay: ['--host', 'simulator'],
  scenario: ['--host', 'simulator'],
  audit: ['--help'],
  nightly: ['--help'],
  lab: ['--help'],
  list: [],
  doctor: [],
};

let folder: string;
beforeAll(async () => {
  folder = checkout({ built: true });
  // Compose files are read in it; the test of a command must not wait until it is built.
  if (lab.ok) await buildRoot();
}, 900_000);

test('there are commands to try', () => {
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.filter(line => line.startsWith('npm run fuzz')).length).toBeGreaterThan(0);
});

test.each(lines)('%s', async line => {
  const words = line.split(' ').filter(word => word !== '');
  const [, script = ''] = line.match(/^npm (?:run )?(\S+)/) ?? [];
  if (script !== '' && script !== 'fuzz') return expect(scripts[script]).toContain('src/setup/run.mjs');
  const command = script === 'fuzz' ? 'fuzz' : (words[2] ?? '');
  const between = script === 'fuzz' && !words.includes('--') ? ['--'] : [];
  // The machine of this command does not exist here.
  const others = command === 'doctor' && words.includes('--host') ? ['--help'] : undefined;
  const [program = '', ...args] = [...words, ...between, ...(others ?? shortened[command] ?? ['no such command'])];
  const { status, err } = await runProgram(program, args, folder);
  // Without a lab there may be nothing that reads compose files; then the command says so.
  const isUnread = words.includes('--stacks') && !lab.ok && err.includes('docker compose, which reads compose files');
  expect({ status, err }).toEqual({
    status: isUnread ? 3 : command === 'fuzz' ? expect.toBeOneOf([0, 1]) : 0,
    err: expect.anything(),
  });
});

test('the finding that it shows is what the program prints', async () => {
  const [, line = '', shown = ''] = readme.match(/^```console\n\$ npx stackfuzz ([^\n]*)\n(.*?)^```$/ms) ?? [];
  const { status, out } = await typed([...line.split(' '), '--host', 'simulator'], folder);
  const lines = out.split('\n').map(each => each.trimEnd());
  expect({ status, shown }).toEqual({ status: 0, shown: lines.join('\n') });
});

test('what the commands wrote is nothing that git would take in', async () => {
  const { out, status } = await runProgram('git', ['-c', 'init.defaultBranch=main', 'init', '-q', folder], folder);
  expect({ out, status }).toEqual({ out: '', status: 0 });
  const ignored = readFileSync(join(root, '.gitignore'), 'utf8');
  const listed = await runProgram('git', ['ls-files', '--others', '--exclude-standard'], folder);
  expect(ignored).toContain('/records/');
  expect(existsSync(join(folder, 'records'))).toBe(true);
  const files = listed.out.split('\n').filter(file => file !== '' && !existsSync(join(root, file)));
  expect(files).toEqual([]);
  expect(readdirSync(join(folder, 'corpus')).sort()).toEqual(readdirSync(join(root, 'corpus')).sort());
});

test('what it links to is there', () => {
  const targets = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = '']) => target);
  expect(targets.filter(target => !/^https?:/.test(target) && !existsSync(join(root, target)))).toEqual([]);
});
