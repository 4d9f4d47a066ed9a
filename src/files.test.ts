import { execFileSync, spawn } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeFolder, mustTake, readRegular, sweep, unwritable, writeNew, writeOver, writeTo } from './files.ts';

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

const isRoot = process.getuid?.() === 0;

describe('a place that the user names', () => {
  test('a regular file is replaced all at once, with its mode, and the folders above a new one are made', async () => {
    const old = join(folder, 'old');
    await writeFile(old, 'before');
    await chmod(old, 0o640);
    const before = await stat(old);
    await mustTake(old);
    await writeTo(old, 'after');
    expect(await readFile(old, 'utf8')).toBe('after');
    expect((await stat(old)).mode).toBe(before.mode);
    expect((await stat(old)).ino).not.toBe(before.ino);
    await mustTake(join(folder, 'a/b'));
    expect(await readdir(folder)).toEqual(['old']);
    await writeTo(join(folder, 'a/b'), 'new');
    expect(await readFile(join(folder, 'a/b'), 'utf8')).toBe('new');
  });

  test('a link stays, and what it leads to is replaced, also through a second one, and where nothing is there yet', async () => {
    await mkdir(join(folder, 'd'));
    await symlink('d/two', join(folder, 'one'));
    await symlink('target', join(folder, 'd/two'));
    for (const words of ['first', 'second']) {
      await mustTake(join(folder, 'one'));
      await writeTo(join(folder, 'one'), words);
      expect(await readFile(join(folder, 'd/target'), 'utf8')).toBe(words);
    }
    expect([await readlink(join(folder, 'one')), await readlink(join(folder, 'd/two'))]).toEqual(['d/two', 'target']);
  });

  test('a pipe is written into, however slowly it is read, and stays one', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await mustTake(pipe);
    const reader = spawn('sh', ['-c', 'exec < "$0"; sleep 0.2; exec cat', pipe], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const long = 'x'.repeat(300_000);
    // The reader opens it before long; until then there is none.
    let written = false;
    for (let tries = 0; !written && tries < 5_000; tries++) {
      written = await writeTo(pipe, long).then(
        () => true,
        () => false,
      );
      if (!written) await new Promise(resolve => setTimeout(resolve, 10));
    }
    expect(await text(reader.stdout)).toBe(long);
    expect((await lstat(pipe)).isFIFO()).toBe(true);
  });

  test('a pipe that nobody reads from is not waited for', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(writeTo(join(folder, 'pipe'), 'x')).rejects.toThrow('a pipe that nobody reads from');
  });

  test.skipIf(!isRoot)(
    'a device is written into and stays one; a full disk says so; a disk is left alone',
    async () => {
      const device = (name: string, ...numbers: string[]): string => {
        execFileSync('mknod', [join(folder, name), ...numbers]);
        return join(folder, name);
      };
      const nothing = device('null', 'c', '1', '3');
      await mustTake(nothing);
      await writeTo(nothing, 'text');
      expect((await lstat(nothing)).isCharacterDevice()).toBe(true);
      const full = device('full', 'c', '1', '7');
      await mustTake(full);
      await expect(writeTo(full, 'text')).rejects.toThrow('no space left (ENOSPC)');
      expect((await lstat(full)).isCharacterDevice()).toBe(true);
      // Numbers of the kernel's that no driver has: nothing could be hurt.
      for (const [name, kind] of [['disk', 'b'] as const, ['strange', 'c'] as const]) {
        await expect(mustTake(device(name, kind, '255', '250'))).rejects.toThrow(/a disk|a device that is no terminal/);
        await expect(writeTo(join(folder, name), 'text')).rejects.toThrow(/a disk|a device that is no terminal/);
      }
    },
  );

  test('what cannot be written is refused before, for its reason, and nothing is left', async () => {
    await symlink('b', join(folder, 'a'));
    await symlink('a', join(folder, 'b'));
    const server = createServer().listen(join(folder, 'socket'));
    await new Promise(resolve => server.once('listening', resolve));
    await writeFile(join(folder, 'file'), '');
    const reasons: Readonly<Record<string, string>> = {
      '': 'an empty name',
      [join(folder, 'new/')]: 'the name of a folder',
      [folder]: 'a folder',
      [join(folder, 'x'.repeat(300))]: 'a name that is too long',
      [join(folder, 'new', 'x'.repeat(300))]: 'a name that is too long',
      [join(folder, 'a')]: 'links that lead in a circle',
      [join(folder, 'socket')]: 'a socket',
      [join(folder, 'file/below')]: 'a file in the way',
      '/proc/stackfuzz/x': 'no such place',
    };
    const before = await readdir(folder);
    for (const [path, reason] of Object.entries(reasons)) await expect(mustTake(path), path).rejects.toThrow(reason);
    expect(await readdir(folder)).toEqual(before);
    server.close();
  });
});

test('only a regular file is read, and nothing else is waited for', async () => {
  await writeFile(join(folder, 'file'), 'text');
  await symlink('file', join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(await readRegular(join(folder, 'file'), { links: false })).toBe('text');
  expect(await readRegular(join(folder, 'link'), { links: true })).toBe('text');
  await expect(readRegular(join(folder, 'link'), { links: false })).rejects.toThrow('a link');
  await expect(readRegular(join(folder, 'pipe'), { links: true })).rejects.toThrow('a named pipe');
  await expect(readRegular(folder, { links: true })).rejects.toThrow('a folder');
  await expect(readRegular('/dev/zero', { links: true })).rejects.toThrow('a device');
  await expect(readRegular(join(folder, 'gone'), { links: true })).rejects.toThrow('no such file');
});

test('what a killed run was writing is swept where a report is written; what is in use, or may be another program’s, stays', async () => {
  const uuid = '0b6f4b0e-3f1c-4c7e-9d0a-1f2e3d4c5b6a';
  // No process has a number beyond the kernel’s greatest (pid_max is at most 2^22).
  const names = {
    dead: `.4194305-${uuid}.tmp`,
    alive: `.${process.pid}-${uuid}.tmp`,
    young: `.4194306-${uuid}.tmp`,
    other: `.${uuid}.tmp`,
  };
  for (const name of Object.values(names)) await writeFile(join(folder, name), '');
  for (const name of [names.dead, names.alive, names.other]) await utimes(join(folder, name), 0, 0);
  await writeTo(join(folder, 'report'), 'text');
  expect(await readdir(folder)).toEqual([names.alive, names.young, names.other, 'report'].sort());
  await writeFile(join(folder, '.mine.tmp'), '');
  await sweep(folder);
  expect(await readdir(folder)).toEqual(['.mine.tmp', 'report']);
});
