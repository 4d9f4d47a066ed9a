import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { makeFolder, unwritable, writeNew, writeOver } from './files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stackfuzz-files-'));
  return () => rm(folder, { recursive: true });
});

test('a new file never overwrites, and leaves nothing beside it', async () => {
  expect(await writeNew(join(folder, 'a'), 'first')).toBe(true);
  expect(await writeNew(join(folder, 'a'), 'second')).toBe(false);
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('first');
  expect(await readdir(folder)).toEqual(['a']);
});

test('of several who want one name at once, one gets it', async () => {
  const all = await Promise.all(['1', '2', '3', '4'].map(text => writeNew(join(folder, 'a'), text)));
  expect(all.filter(Boolean)).toHaveLength(1);
  expect(await readdir(folder)).toEqual(['a']);
});

test('writing over leaves nothing beside it, also where it fails', async () => {
  await writeOver(join(folder, 'a'), 'first');
  await writeOver(join(folder, 'a'), 'second');
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('second');
  await mkdir(join(folder, 'd/x'), { recursive: true });
  await expect(writeOver(join(folder, 'd'), 'text')).rejects.toThrow('EISDIR');
  expect(await readdir(folder)).toEqual(['a', 'd']);
});

test('a folder is made with those above it, and says which', async () => {
  const made = await makeFolder(join(folder, 'a/b'));
  expect(made).toEqual([join(folder, 'a'), join(folder, 'a/b')]);
  expect(await makeFolder(join(folder, 'a/b'))).toEqual([]);
});

test('why a folder cannot be written is found out by trying, and nothing stays behind', async () => {
  expect(await unwritable(join(folder, 'a/b'))).toBeNull();
  expect(await readdir(folder)).toEqual([]);
  await writeFile(join(folder, 'file'), '');
  expect(await unwritable(join(folder, 'file'))).toBe('EEXIST');
  expect(await unwritable(join(folder, 'file/below'))).toBe('ENOTDIR');
  expect(await unwritable('/proc/stackfuzz')).toBe('ENOENT');
});
