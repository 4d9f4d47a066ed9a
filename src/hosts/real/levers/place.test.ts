import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { labDeployment } from '../../../../tests/helpers/lab-host.ts';
import { loadProfile } from '../../../profiles/profile.ts';
import { placing } from './place.ts';

const below = 'default.target.wants/web-stack.service';
const units = '.config/systemd/user';
let directory = '';
const at = (...names: string[]) => join(directory, ...names);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stackfuzz-place-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A generation of Home Manager's, with these files, under these numbers of the profile. */
function generation(name: string, files: readonly string[], ...numbers: readonly number[]): void {
  for (const file of files) {
    mkdirSync(dirname(at(name, 'home-files', units, file)), { recursive: true });
    writeFileSync(at(name, 'home-files', units, file), '');
  }
  mkdirSync(at(name, 'home-files', units), { recursive: true });
  for (const number of numbers) symlinkSync(at(name), at(`system-${number}-link`));
}

/** Puts the link of an older generation in place of a wants link, while this one is activated; returns where it leads. */
function stale(activated: string): string {
  symlinkSync(at(activated), at('home'));
  const profile = loadProfile('home-manager');
  const deployment = labDeployment(profile, 'docker-compose');
  const state = { ...profile.state, profile: at('system'), generations: at('system-*-link'), home: at('home') };
  const { script } = placing(
    { ...deployment, operator: { ...deployment.operator, home: directory }, profile: { ...profile, state } },
    `~/${units}/${below}`,
    { kind: 'stale' },
  );
  const { status, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  if (status !== 0) return stderr.trim();
  return readlinkSync(at(units, below)).slice(directory.length + 1);
}

test('a stale link is that of the newest generation before the activated one that has the file', () => {
  generation('first', [below], 1);
  generation('second', [below], 2);
  generation('third', [], 9);
  generation('fourth', [below], 10);
  generation('asked-for', [below], 11);
  expect(stale('fourth')).toBe(`second/home-files/${units}/${below}`);
});

test('a generation that stands in the profile twice counts where it stands last', () => {
  generation('first', [below], 1, 3);
  generation('of-another-run', [below], 2, 5);
  generation('second', [below], 4);
  expect(stale('of-another-run')).toBe(`second/home-files/${units}/${below}`);
});

test('where none before has it, that is said', () => {
  generation('first', [], 1);
  generation('second', [below], 2);
  generation('asked-for', [below], 3);
  expect(stale('second')).toBe(`there is no older generation with ${below}`);
});
