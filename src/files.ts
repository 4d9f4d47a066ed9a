import { randomUUID } from 'node:crypto';
import { constants, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

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

/**
 * The same, in place of the regular file that stood there, with its mode and owner. What the user names to be written
 * goes by `writeTo` instead.
 */
export async function writeOver(path: string, text: string | Uint8Array): Promise<void> {
  const fresh = await writeBeside(path, text, await lstat(path).catch(() => null));
  try {
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * The same in one go, for what must be written before anything else is done. Nothing is said of power cuts: it is for what means
 * nothing to the next boot.
 */
export function writeOverSync(path: string, text: string): void {
  const fresh = join(dirname(path), temporary());
  try {
    writeFileSync(fresh, text, { flag: 'wx' });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** Why a text cannot be written to a place that the user named, in words for `found …`. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable';
}

/**
 * Whether a text could be written to a place that the user names, as far as that can be told without writing it.
 * Leaves everything as it was: a pipe is not opened, since its reader would take that for the whole text.
 * @throws Unwritable where it could not.
 */
export async function mustTake(path: string): Promise<void> {
  const target = await targetOf(path);
  if (target.kind === 'into') return;
  const { path: file, there } = target;
  if (there !== null) await (await opened(file, constants.O_WRONLY)).close();
  const reason = await unwritable(dirname(file), [file]);
  if (reason !== null && there === null) throw new Unwritable(codeInWords(reason));
}

/**
 * Writes a text to a place that the user names. A regular file is replaced all at once; a link stays, and the file that it
 * leads to is replaced; a terminal, a pipe, and what discards everything are written into. Anything else is left alone.
 * @throws Unwritable where that cannot be done.
 */
export async function writeTo(path: string, text: string): Promise<void> {
  const target = await targetOf(path);
  if (target.kind === 'into') return into(target, text);
  try {
    await makeFolder(dirname(target.path));
    await sweep(dirname(target.path), isAbandoned);
    await writeOver(target.path, text);
  } catch (error) {
    // A file that is mounted, or in a folder that takes no other, can still be written.
    const isFixed = ['EBUSY', 'EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '');
    if (target.there === null || !isFixed) throw new Unwritable(codeInWords(codeOf(error) ?? (error as Error).message));
    await into({ path: target.path, flags: constants.O_WRONLY | constants.O_TRUNC }, text);
  }
}

type Target =
  | { readonly kind: 'replace'; readonly path: string; readonly there: Stats | null }
  | { readonly kind: 'into'; readonly path: string; readonly flags: number };

/** More links than this are a circle, as Linux has it (path_resolution(7)). */
const mostLinks = 40;

/** What a name that the user gave leads to. */
async function targetOf(name: string): Promise<Target> {
  if (name === '') throw new Unwritable('an empty name');
  if (name.endsWith('/')) throw new Unwritable('the name of a folder');
  let path = resolve(name);
  for (let links = 0; links <= mostLinks; links++) {
    const there = await lstat(path).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw new Unwritable(codeInWords(codeOf(error) ?? (error as Error).message));
    });
    // /dev/stdout leads here: what stands behind an open file of a process has been written to, and is not ours to replace.
    if (there?.isSymbolicLink() && /^\/proc\/[^/]+(?:\/task\/\d+)?\/fd\/\d+$/.test(path)) return openOf(path);
    if (!there?.isSymbolicLink())
      return there === null || there.isFile() ? { kind: 'replace', path, there } : special(path, there);
    path = resolve(dirname(path), await readlink(path));
  }
  throw new Unwritable(codeInWords('ELOOP'));
}

async function openOf(path: string): Promise<Target> {
  if ((await ownStream(path)) !== null) return { kind: 'into', path, flags: constants.O_WRONLY };
  const there = await stat(path).catch((error: unknown) => {
    throw new Unwritable(codeInWords(codeOf(error) ?? (error as Error).message));
  });
  if (there.isFile()) return { kind: 'into', path, flags: constants.O_WRONLY | constants.O_APPEND };
  return special(path, there);
}

function special(path: string, there: Stats): Target {
  if (there.isDirectory()) throw new Unwritable('a folder');
  if (there.isBlockDevice()) throw new Unwritable('a disk');
  if (there.isSocket()) throw new Unwritable('a socket');
  if (there.isCharacterDevice() && !isHarmless(there.rdev)) throw new Unwritable('a device that is no terminal');
  return { kind: 'into', path, flags: constants.O_WRONLY };
}

/** Terminals, /dev/null, /dev/zero and /dev/full, by their numbers (the kernel's admin-guide/devices.txt). */
function isHarmless(device: number): boolean {
  const [major, minor] = [(device >>> 8) & 0xfff, (device & 0xff) | ((device >>> 12) & 0xfff00)];
  if (major === 1) return [3, 5, 7].includes(minor);
  return major === 4 || major === 5 || (major >= 136 && major <= 143);
}

/** A pipe that nobody reads from for so long is given up, in milliseconds. */
const patience = 10_000;

/** Writes into what is there. Never waits for a reader that does not come. */
async function into({ path, flags }: { path: string; flags: number }, text: string): Promise<void> {
  const own = await ownStream(path);
  if (own !== null) return new Promise((done, fail) => own.write(text, error => (error ? fail(error) : done())));
  const file = await opened(path, flags | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    await writeAll(file, Buffer.from(text));
  } catch (error) {
    throw error instanceof Unwritable ? error : new Unwritable(codeInWords(codeOf(error) ?? (error as Error).message));
  } finally {
    await file.close().catch(() => {});
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  let at = 0;
  let last = Date.now();
  while (at < bytes.length) {
    try {
      at += (await file.write(bytes, at, Math.min(65_536, bytes.length - at))).bytesWritten;
      last = Date.now();
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      if (Date.now() - last > patience) throw new Unwritable('a pipe that nobody reads from');
      await pause(20);
    }
  }
}

/** Standard output or error where a path means it: another way to the same file would write over what it has written. */
async function ownStream(path: string): Promise<NodeJS.WriteStream | null> {
  const there = await stat(path).catch(() => null);
  for (const [name, stream] of [
    ['/proc/self/fd/1', process.stdout] as const,
    ['/proc/self/fd/2', process.stderr] as const,
  ]) {
    const own = await stat(name).catch(() => null);
    if (own !== null && there !== null && own.dev === there.dev && own.ino === there.ino) return stream;
  }
  return null;
}

async function opened(path: string, flags: number): Promise<FileHandle> {
  return open(path, flags).catch((error: unknown) => {
    const code = codeOf(error) ?? (error as Error).message;
    throw new Unwritable(code === 'ENXIO' ? 'a pipe that nobody reads from' : codeInWords(code));
  });
}

const meanings: Readonly<Record<string, string>> = {
  EACCES: 'a place that may not be entered or written',
  EEXIST: 'a file in the way',
  EISDIR: 'a folder',
  ELOOP: 'links that lead in a circle',
  ENAMETOOLONG: 'a name that is too long',
  ENOENT: 'no such place',
  ENOSPC: 'no space left',
  ENOTDIR: 'a file in the way',
  EROFS: 'a read-only file system',
};

/** A code of the system's in words, as `found …` has it. */
export const codeInWords = (code: string): string =>
  meanings[code] === undefined ? code : `${meanings[code]} (${code})`;

/**
 * Why no file can be made in a folder, in the system's words, or null where one can. Found out by making one: root may
 * write where the mode says no, and may not where the file system is read-only. Names that files are to have there are
 * looked at too. Leaves nothing behind.
 */
export async function unwritable(folder: string, names: readonly string[] = []): Promise<string | null> {
  if (folder === '') return 'ENOENT';
  const made: string[] = [];
  try {
    made.push(...(await makeFolder(folder)));
    const probe = join(folder, temporary());
    await (await open(probe, 'wx')).close();
    await rm(probe, { force: true }); // whoever sweeps may have taken it
    for (const name of names)
      await lstat(name).catch(error => (codeOf(error) === 'ENOENT' ? null : Promise.reject(error)));
    return null;
  } catch (error) {
    return codeOf(error) ?? (error as Error).message;
  } finally {
    for (const each of made.reverse()) await rmdir(each).catch(() => {}); // somebody else has put something there
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

/** Why a file was not read, in words for `found …`. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** Files of ours are far smaller. */
const largest = 16 * 2 ** 20;

/**
 * The text of a regular file. Anything else of that name (a pipe, a device, a folder) is never read, and never waited for.
 * @param links whether a link may lead to it: where the user named it.
 * @throws Unreadable where it is none, or cannot be read.
 */
export async function readRegular(path: string, { links }: { links: boolean }): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | (links ? 0 : constants.O_NOFOLLOW);
  const file = await open(path, flags).catch((error: unknown) => {
    throw new Unreadable(unreadWords(codeOf(error) ?? (error as Error).message));
  });
  try {
    const there = await file.stat();
    if (!there.isFile()) throw new Unreadable(kindOf(there));
    if (there.size > largest) throw new Unreadable(`a file of ${Math.round(there.size / 2 ** 20)} MiB`);
    return await file.readFile('utf8');
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable(unreadWords(codeOf(error) ?? (error as Error).message));
  } finally {
    await file.close();
  }
}

function unreadWords(code: string): string {
  if (code === 'ENOENT') return 'no such file';
  if (code === 'ELOOP') return 'a link';
  if (code === 'ENXIO') return 'a socket or a device';
  return `one that cannot be read (${code})`;
}

function kindOf(there: Stats): string {
  if (there.isDirectory()) return 'a folder';
  if (there.isFIFO()) return 'a named pipe';
  return there.isSocket() ? 'a socket' : 'a device';
}

/** Names of files that are being written. The process's number tells those of dead runs from those in use. */
const temporary = (): string => `.${process.pid}-${randomUUID()}.tmp`;
const temporaryName = /^\.(?:(\d+)-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Takes away what runs that were killed were writing in a folder. */
export async function sweep(
  folder: string,
  isLeft: (name: string, path: string) => boolean | Promise<boolean> = () => true,
) {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (temporaryName.test(name) && (await isLeft(name, path))) await unlink(path).catch(() => {}); // somebody else did
  }
}

/** Where no lock says that nobody else is writing: of a process that is gone, and older than any write takes. */
async function isAbandoned(name: string, path: string): Promise<boolean> {
  const there = await lstat(path).catch(() => null);
  if (there === null || Date.now() - there.mtimeMs < 60_000) return false;
  const pid = temporaryName.exec(name)?.[1];
  return pid !== undefined && !isAlive(Number(pid)); // without a number it may be somebody else's
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function writeBeside(path: string, text: string | Uint8Array, like: Stats | null = null): Promise<string> {
  const fresh = join(dirname(path), temporary());
  const file = await open(fresh, 'wx');
  try {
    await file.writeFile(text);
    if (like?.isFile()) {
      await file.chown(like.uid, like.gid).catch(() => {}); // only root may give a file away
      await file.chmod(like.mode & 0o777);
    }
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
