import { closeSync, constants, fstatSync, openSync, rmSync } from 'node:fs';
import { posix } from 'node:path';

/** O_PATH of open(2), which Node does not name: a handle on whatever has the name, which reads nothing and waits for nothing. */
const O_PATH = 0o10000000;

/** Where an open handle can be used as a path. */
export const handlePath = (handle: number): string => `/proc/self/fd/${handle}`;

/**
 * A handle on something in a tree that a machine can write, whose links would otherwise be followed on this computer: each
 * part of the path is opened within the one before it, and none of them may be a link. Whoever asks closes it.
 * @throws Error where a part is a link, `..`, or not there (its code is ENOENT).
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

/** Removes something in such a tree, with all below it. Nothing is removed, and false handed back, where a link is on the way. */
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
