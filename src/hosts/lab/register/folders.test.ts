import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { closedFolder } from './folders.ts';

describe.skipIf(process.getuid === undefined)('a folder of our own', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stackfuzz-closed-'));
    return () => rmSync(folder, { recursive: true });
  });
  const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

  test('is made closed to others, while its parents are made with the usual mode', async () => {
    expect(await closedFolder(join(folder, 'a/lab'))).toBe(false);
    expect([mode(join(folder, 'a/lab')), mode(join(folder, 'a'))]).toEqual([
      '700',
      (0o777 & ~process.umask()).toString(8),
    ]);
    expect(await closedFolder(join(folder, 'a/lab'))).toBe(false);
  });

  test('is closed if it was open, which is reported', async () => {
    mkdirSync(join(folder, 'lab'));
    chmodSync(join(folder, 'lab'), 0o755);
    expect(await closedFolder(join(folder, 'lab'))).toBe(true);
    expect(mode(join(folder, 'lab'))).toBe('700');
  });

  test('is not a link, not a file, and nothing in a file system without room for it', async () => {
    mkdirSync(join(folder, 'elsewhere'));
    chmodSync(join(folder, 'elsewhere'), 0o755);
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'));
    writeFileSync(join(folder, 'file'), '');
    await expect(closedFolder(join(folder, 'link'))).rejects.toThrow(/link: expected a folder .*\n .*STACKFUZZ_CACHE=/);
    await expect(closedFolder(join(folder, 'file'))).rejects.toThrow(/file: expected a folder/);
    await expect(closedFolder(join(folder, 'file/lab'))).rejects.toThrow(/file\/lab: expected a folder/);
    expect(mode(join(folder, 'elsewhere'))).toBe('755');
    // Node 20's own recursive mkdir never returns from this.
    if (existsSync('/proc/self'))
      await expect(closedFolder('/proc/x/lab')).rejects.toThrow(/\/proc\/x\/lab: .*\(ENOENT\)/);
  });

  test.skipIf(process.getuid?.() !== 0)("is nobody else's", async () => {
    await expect(closedFolder(await theirs(folder))).rejects.toThrow(
      /expected a folder of this user, found one of user 65534/,
    );
  });
});

async function theirs(folder: string): Promise<string> {
  const place = join(folder, 'theirs');
  mkdirSync(place);
  const { chown } = await import('node:fs/promises');
  await chown(place, 65534, 65534);
  return place;
}
