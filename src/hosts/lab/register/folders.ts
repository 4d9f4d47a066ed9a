import { closeSync, constants, fchmodSync, fstatSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, makeFolder } from '../../../files.ts';
import { Problem } from '../../../problem.ts';

/**
 * Makes a folder that only this user can enter, and closes one that exists already: it holds a machine's programs with
 * set-user-id bits, and locks that nobody else may hold. Returns whether others could have entered it before.
 * @throws Problem if it cannot be made, is a link, or belongs to somebody else.
 */
export async function closedFolder(folder: string): Promise<boolean> {
  let handle: number;
  try {
    await makeFolder(dirname(folder));
    await mkdir(folder, 0o700).catch(error => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    handle = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    throw refused(folder, 'a folder that can be made and used', codeOf(error) ?? (error as Error).message);
  }
  try {
    const { uid, mode } = fstatSync(handle);
    if (uid !== process.geteuid?.()) throw refused(folder, 'a folder of this user', `one of user ${uid}`);
    const open = (mode & 0o077) !== 0;
    if (open) fchmodSync(handle, 0o700);
    return open;
  } finally {
    closeSync(handle);
  }
}

function refused(folder: string, expected: string, found: string): Problem {
  const words: Readonly<Record<string, string>> = {
    ENOTDIR: 'something that is no folder, or a link (ENOTDIR)',
    ELOOP: 'a link (ELOOP)',
    ENOENT: 'a file system in which no folder can be made (ENOENT)',
    EACCES: 'no permission (EACCES)',
    EROFS: 'a file system that is read-only (EROFS)',
    ENOSPC: 'a full disk (ENOSPC)',
  };
  const next = folder.startsWith('/run/')
    ? 'look at it (ls -ld), and remove it where it is not needed'
    : 'export STACKFUZZ_CACHE=/a/folder/of/your/own, as that user (sudo -i where root)';
  return new Problem({ expected, found: words[found] ?? found, where: folder, next });
}
