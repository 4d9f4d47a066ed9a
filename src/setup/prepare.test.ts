import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { modulesDiffer } from './prepare.mjs';

let root: string;
const wanted = {
  '': {},
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/b-win32': { version: '1.0.0', integrity: 'sha512-b', optional: true },
};
const { '': _, 'node_modules/b-win32': __, ...onThisPlatform } = wanted;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stackfuzz-setup-'));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  return () => rmSync(root, { recursive: true });
});

function install(packages: object): void {
  mkdirSync(join(root, 'node_modules/a'), { recursive: true });
  writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
}

test('a fresh clone has no node_modules', () => {
  expect(modulesDiffer(root)).toBe('node_modules is missing');
});

test('what npm ci leaves on this platform is in order', () => {
  install(onThisPlatform);
  expect(modulesDiffer(root)).toBeNull();
});

test('another version, another content, a package too many and a deleted folder are each found', () => {
  install({ 'node_modules/a': { version: '0.9.0', integrity: 'sha512-a' } });
  expect(modulesDiffer(root)).toBe('node_modules has no a 1.0.0');
  install({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-other' } });
  expect(modulesDiffer(root)).toBe('node_modules has no a 1.0.0');
  install({ ...onThisPlatform, 'node_modules/c': { version: '1.0.0' } });
  expect(modulesDiffer(root)).toBe('node_modules has c, which nothing asks for');
  install(onThisPlatform);
  rmSync(join(root, 'node_modules/a'), { recursive: true });
  expect(modulesDiffer(root)).toBe('node_modules has no a 1.0.0');
});
