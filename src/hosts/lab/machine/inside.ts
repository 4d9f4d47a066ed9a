import { closeSync, constants, fstatSync, openSync, rmSync } from 'node:fs';
import { posix } from 'node:path';

/**
 * O_PATH of open(2), which Node does not define: a descriptor for whatever has the name; opening it reads nothing and never
 * waits.
 */
const O_PATH = 0o10000000;

/** The path by which an open descriptor can be used. */
export const handlePath = (handle: number): string => `/proc/self/fd/${handle}`;

/**
 * Opens something in a tree that a machine can write, so that a link in it leads nowhere on this computer: each part of the
 * path is opened within the one before, and none of them may be a link. The caller closes it.
 * @throws Error if a part is a link, `..`, or missing (then its code is ENOENT).
 */
export function openInside(root: string, path: string): number {
  let handle = openSync(root, O_PATH | constants.O_DIRECTORY);
  for (const part of path.split('/').filter(each => each !== '' && each !== '.')) {
    const above = handle;
    try {
      if (part === '..') throw new Error(`${path}: .. leads out of ${root}`);
      handle = openSync(posix.join(handlePath(above), part), O_PATH | constants.O_NOFOLLOW);
    } finally {
      closeSync(above);
    }
    if (!fstatSync(handle).isSymbolicLink()) continue;
    closeSync(handle);
    throw new Error(`${path} of a machine: ${part} is a link, and links of a machine are not followed`);
  }
  return handle;
}

/**
 * Removes something in such a tree, with everything below it. If there is a link on the way, nothing is removed, and false is
 * returned.
 */
export function removeInside(root: string, path: string): boolean {
  let above: number;
  try {
    above = openInside(root, posix.dirname(path));
  } catch {
    return false;
  }
  try {
    rmSync(posix.join(handlePath(above), posix.basename(path)), { recursive: true, force: true });
    return true;
  } finally {
    closeSync(above);
  }
}
