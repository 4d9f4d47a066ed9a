import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Problem } from '../problem.ts';
import { readPackage } from './package.ts';

/** Made by Debian's Nix from tests/fixtures/activation-package/package.nix, in both forms. */
const fixture = join(import.meta.dirname, '../../tests/fixtures/activation-package');
const exported = readFileSync(join(fixture, '26.05.closure'));

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'stackfuzz-test-'));
});
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;
/** The message for a file with these bytes. */
function refusal(bytes: Buffer): string {
  const file = join(root, `${++count}.closure`);
  writeFileSync(file, bytes);
  return problemOf(file);
}

function problemOf(path: string): string {
  try {
    readPackage(path);
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
  return 'none';
}

/** The same bytes with one text replaced by another of the same length. */
function changed(from: string, to: string): Buffer {
  expect(to).toHaveLength(from.length);
  const at = exported.indexOf(from);
  expect(at).toBeGreaterThan(0);
  return Buffer.concat([exported.subarray(0, at), Buffer.from(to), exported.subarray(at + from.length)]);
}

/** A copy of the cache, with one of its files changed. */
function cacheWith(suffix: string, edit: (text: string) => string): string {
  const cache = join(root, `cache-${++count}`);
  cpSync(join(fixture, 'cache'), cache, { recursive: true });
  const name = readdirSync(cache).find(each => readOf(cache, each).includes(`${suffix}\nURL`)) as string;
  writeFileSync(join(cache, name), edit(readOf(cache, name)));
  return cache;
}
const readOf = (cache: string, name: string): string =>
  name.endsWith('.narinfo') ? readFileSync(join(cache, name), 'utf8') : '';

const forms = [
  ['an export', join(fixture, '26.05.closure')],
  ['a cache', join(fixture, 'cache')],
] as const;

test.each(forms)('%s says what the package declares', (_, path) => {
  const own = readPackage(path);
  expect(own).toMatchObject({
    version: '26.05',
    user: 'alice',
    home: '/home/alice',
    uid: null,
    takesDriverVersion: true,
    otherUnits: ['notes.service'],
    stacks: [{ unit: 'photos-stack.service', stack: 'photos' }],
  });
  expect(own.stacks[0]?.compose.text).toMatch(/^services:/);
  expect(own.closure.root).toMatch(/-home-manager-generation$/);
  expect(own.closure.paths.size).toBe(7);
});

test('an export that is made of a cache is one', () => {
  const { closure } = readPackage(join(fixture, 'cache'));
  const again = readPackage(closure.file).closure;
  expect({ ...again, file: '' }).toEqual({ ...closure, file: '' });
});

test.each([
  ['another file', () => refusal(Buffer.from('PK\u0003\u0004 and so on, for some more bytes')), /an export of Nix/],
  ['an empty file', () => refusal(Buffer.alloc(0)), /more bytes, found the end/],
  ['half of it', () => refusal(exported.subarray(0, 5_000)), /more bytes, found the end/],
  ['more behind it', () => refusal(Buffer.concat([exported, Buffer.from('x')])), /the end of an export/],
  ['nothing', () => problemOf(join(root, 'nowhere')), /nothing of that name/],
  ['a folder', () => problemOf(root), /without nix-cache-info/],
  [
    'a name with a way out',
    () => refusal(changed('.vimrc', '../../')),
    /a name within its folder, found "\.\.\/\.\.\/"/,
  ],
  ['a name that is a way out', () => refusal(changed('bin\0\0\0\0\0', '../\0\0\0\0\0')), /a name within its folder/],
  [
    'a path outside of the store',
    () => refusal(changed('/nix/store/hhbsap', '/etc/store/hhbsap')),
    /a path of \/nix\/store/,
  ],
  ['no activate', () => refusal(changed('activate\u0004'.slice(0, 8), 'activatf')), /with a file activate, found none/],
  [
    'a missing reference',
    () =>
      refusal(
        changed(
          'va8jfz6p7mrkpiznxdsh9w7zrcliflkf-photos-compose\0',
          'va8jfz6p7mrkpiznxdsh9w7zrcliflkg-photos-compose\0',
        ),
      ),
    /which \S+ refers to, found a closure without it/,
  ],
  [
    'another hash',
    () => problemOf(cacheWith('-photos-compose', text => text.replace(/NarHash: sha256:./, 'NarHash: sha256:z'))),
    /to have the hash sha256:z\w+ \(NarHash\), found sha256:/,
  ],
  [
    'another size',
    () => problemOf(cacheWith('-photos-compose', text => text.replace(/NarSize: /, 'NarSize: 1'))),
    /bytes when unpacked \(NarSize\)/,
  ],
  [
    'an archive elsewhere',
    () => problemOf(cacheWith('-photos-compose', text => text.replace(/URL: /, 'URL: ../../'))),
    /the URL of a file of the cache/,
  ],
  [
    'an archive in the network',
    () => problemOf(cacheWith('-photos-compose', text => text.replace(/URL: /, 'URL: https://example.org/'))),
    /the URL of a file of the cache/,
  ],
  [
    'a packing that nobody knows',
    () => problemOf(cacheWith('-photos-compose', text => text.replace('Compression: xz', 'Compression: lha'))),
    /Compression: none, gzip/,
  ],
  ['a .narinfo that is not there', () => problemOf(cacheWith('-photos-compose', () => '')), /a line {2}StorePath/],
] as const)('%s is refused', (_, said, expected) => {
  expect(said()).toMatch(expected);
});

test('an archive behind a link out of the cache is refused', () => {
  const cache = cacheWith('-photos-compose', text => text.replace(/URL: .*/, 'URL: nar/link'));
  symlinkSync('/etc/passwd', join(cache, 'nar/link'));
  expect(problemOf(cache)).toMatch(/found a link out of it/);
});
