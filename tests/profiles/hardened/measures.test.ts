import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadProfile } from '../../../src/profiles/profile.ts';

const folder = fileURLToPath(new URL('../../../src/profiles/hardened', import.meta.url));
const root = join(folder, '../../..');
const promises = readdirSync(join(root, 'properties/invariants')).map(file => file.replace(/\.ts$/, ''));
const { files } = loadProfile('hardened');
const texts = [...files].map(([path, source]) => ({ path, text: readFileSync(source, 'utf8') }));

test('every measure names findings that are in the corpus', () => {
  const named = texts.flatMap(({ path, text }) =>
    [...text.matchAll(new RegExp(`\\b(${promises.join('|')})/([a-z0-9-]+)`, 'g'))].map(([entry]) => ({ path, entry })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ entry }) => !existsSync(join(root, 'corpus', `${entry}.json`)))).toEqual([]);
});

test('the guide names files that there are', () => {
  const guide = texts.find(({ path }) => path === 'README.md')?.text ?? '';
  const named = [...guide.matchAll(/`((?:stack|activation)\/[a-z.-]+)/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter(path => !files.has(path))).toEqual([]);
});
