import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '../problem.ts';

/**
 * Writes a file that nobody ever sees half written: beside its place, to the disk, then under its name. A file of that
 * name is never overwritten (rename(2) would, link(2) does not); the answer says whether the name was free.
 */
export async function writeNew(path: string, text: string): Promise<boolean> {
  const beside = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    const file = await open(beside, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(beside, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(beside, { force: true });
  }
}

/**
 * Finds out whether findings could be saved in a folder, by writing there: root may write where the mode says no, and
 * may not where the file system is read-only. Leaves nothing behind.
 * @throws Problem where they could not.
 */
export async function mustBeWritable(folder: string): Promise<void> {
  try {
    const made = await makeFolder(folder);
    const probe = join(folder, `.${randomUUID()}.tmp`);
    await (await open(probe, 'wx')).close();
    await unlink(probe);
    for (const each of made.reverse()) await rmdir(each);
  } catch (error) {
    throw new Problem({
      expected: 'a folder to save findings in',
      found: `one that cannot be written (${codeOf(error) ?? (error as Error).message})`,
      where: folder,
      next: 'Choose another: --corpus DIR',
    });
  }
}

/**
 * Makes a folder and those above it that are missing, and says which it made. Node 20's recursive mkdir never returns
 * where a file system answers ENOENT to each try, as /proc does.
 */
export async function makeFolder(folder: string): Promise<string[]> {
  try {
    await mkdir(folder);
    return [folder];
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(folder)).isDirectory()) return [];
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const above = await makeFolder(dirname(folder));
  await mkdir(folder);
  return [...above, folder];
}

/** The error's code in the system's words: ENOENT, EEXIST … */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
