import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { nothingDeclared } from '../../../models/machine/declaration.ts';
import { labDeployment, profile } from '../../../tests/helpers/lab-host.ts';
import { earlierFault, earlierScript } from './earlier-generation.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stackfuzz-generations-'));
  return () => rmSync(root, { recursive: true });
});

const nothing = nothingDeclared(profile.declaration);

/** Makes a generation; with a revision it contains a declaration of stackfuzz's. */
function generation(number: number, revision?: number): void {
  const folder = join(root, `generation-${number}`);
  mkdirSync(join(folder, 'home-files/.config/stackfuzz'), { recursive: true });
  if (revision !== undefined)
    writeFileSync(join(folder, 'home-files/.config/stackfuzz/declaration.json'), JSON.stringify({ revision }, null, 2));
  symlinkSync(folder, join(root, `system-${number}-link`));
}

function fault(current: number): string | null {
  symlinkSync(`system-${current}-link`, join(root, 'system'));
  const state = { ...profile.state, profile: join(root, 'system'), generations: join(root, 'system-*-link') };
  const script = earlierScript({ ...labDeployment({ ...profile, state }, 'docker-compose') });
  return earlierFault(execFileSync('bash', ['-c', script], { encoding: 'utf8' }), nothing);
}

test('the generation before it is that of the number before, and declares nothing', () => {
  for (const [number, revision] of [[8], [9, 0], [10, 1], [11, 2]] as const) generation(number, revision);
  expect(fault(10)).toBeNull();
});

test('one that declares something, one of somebody else’s, or none at all is told', () => {
  for (const [number, revision] of [[8], [9, 1], [10, 1]] as const) generation(number, revision);
  expect(fault(10)).toBe('system-9-link is before it, and declares more than nothing');
  rmSync(join(root, 'system'));
  expect(fault(9)).toBe("system-8-link is before it, which is none of stackfuzz's");
  rmSync(join(root, 'system-8-link'));
  rmSync(join(root, 'system'));
  expect(fault(9)).toBe('there is no generation before it');
});

test('generations that do not show what they declare are taken at their word', () => {
  generation(1);
  generation(2);
  expect(fault(2)).toBeNull();
});
