import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const units = fileURLToPath(new URL('../contrib/systemd', import.meta.url));
const hasVerify = spawnSync('systemd-analyze', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-contrib-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a timer starts a service of the same name, and that one says who hears of its failure', () => {
  const names = readdirSync(units).sort();
  expect(names).toEqual([
    'stackfuzz-nightly-failed@.service',
    'stackfuzz-nightly@.service',
    'stackfuzz-nightly@.timer',
  ]);
  const text = readFileSync(join(units, 'stackfuzz-nightly@.service'), 'utf8');
  expect(/^OnFailure=(.*)$/m.exec(text)?.[1]).toBe('stackfuzz-nightly-failed@%i.service');
});

test.skipIf(!hasVerify)('systemd has nothing to say against them', () => {
  cpSync(units, folder, { recursive: true });
  const files = [
    'stackfuzz-nightly@wsl.service',
    'stackfuzz-nightly@wsl.timer',
    'stackfuzz-nightly-failed@wsl.service',
  ];
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, SYSTEMD_UNIT_PATH: `${folder}:/usr/lib/systemd/user` };
  const args = ['--user', 'verify', '--man=no', '--generators=no', ...files.map(each => join(folder, each))];
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { env, encoding: 'utf8' });
  expect([status, stdout, stderr.split('\n').filter(line => line.includes('stackfuzz'))]).toEqual([0, '', []]);
});
