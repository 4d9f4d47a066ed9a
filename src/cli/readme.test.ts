import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { emptyFolder, started } from './started.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const lines = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n'));
const folder = emptyFolder();

/** What is long, or needs a lab, is done shortly or only asked for its help. */
const shortened: Readonly<Record<string, readonly string[]>> = {
  fuzz: ['--host', 'simulator', '--runs', '5', '--budget', '60s'],
  replay: ['--host', 'simulator'],
  scenario: ['--host', 'simulator'],
  lab: ['--help'],
  list: [],
  doctor: [],
};

test('there are commands to try', () => {
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.filter(line => line.startsWith('npm run fuzz')).length).toBeGreaterThan(0);
});

test.each(lines)('%s', async line => {
  const script = line.match(/^npm (?:run )?(\S+)/)?.[1] ?? '';
  const ours = line.match(/^(?:npm run (fuzz)(?: --)?|npx stackfuzz)(.*)$/);
  if (ours === null) return expect(scripts[script]).toContain('src/setup/run.mjs');
  const args = [...(ours[1] === undefined ? [] : [ours[1]]), ...(ours[2] ?? '').split(' ').filter(word => word !== '')];
  const { status, err } = await started([...args, ...(shortened[args[0] ?? ''] ?? ['no such command'])], folder);
  expect({ status, err }).toEqual({
    status: args[0] === 'fuzz' ? expect.toBeOneOf([0, 1]) : 0,
    err: expect.anything(),
  });
});

test('what it links to is there', () => {
  const targets = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = '']) => target);
  expect(targets.filter(target => !/^https?:/.test(target) && !existsSync(join(root, target)))).toEqual([]);
});
