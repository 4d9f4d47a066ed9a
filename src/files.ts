import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file that nobody ever sees half written: beside its place, to the disk, then under its name. A file of that
 * name is never overwritten (rename(2) would, link(2) does not); the answer says whether the name was free.
 */
export async function writeNew(path: string, text: string): Promise<boolean> {
  const fresh = await writeBeside(path, text);
  try {
    await link(fresh, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(fresh, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

/** The same, in place of whatever stood there. */
export async function writeOver(path: string, text: string): Promise<void> {
  const fresh = await writeBeside(path, text);
  try {
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * Why no file can be made in a folder, in the system's words, or null where one can. Found out by making one: root may
 * write where the mode says no, and may not where the file system is read-only. Leaves nothing behind.
 */
export async function unwritable(folder: string): Promise<string | null> {
  try {
    const made = await makeFolder(folder);
    const probe = join(folder, `.${randomUUID()}.tmp`);
    await (await open(probe, 'wx')).close();
    await unlink(probe);
    for (const each of made.reverse()) await rmdir(each);
    return null;
  } catch (error) {
    return codeOf(error) ?? (error as Error).message;
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
  try {
    await mkdir(folder);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(folder)).isDirectory()) return above; // another run was first
    throw error;
  }
  return [...above, folder];
}

/** The error's code in the system's words: ENOENT, EEXIST … */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

async function writeBeside(path: string, text: string): Promise<string> {
  const fresh = join(dirname(path), `.${randomUUID()}.tmp`);
  const file = await open(fresh, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return fresh;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
