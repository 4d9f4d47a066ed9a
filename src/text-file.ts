import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Problem } from './problem.ts';

/** Longest file that is read, in bytes: a profile's are a few kilobytes. */
export const longestFile = 1_048_576;

/** The text of a file that somebody wrote by hand. @throws Problem if it is no regular file, too long, or not UTF-8 */
export function textOf(path: string, most = longestFile): string {
  // O_NONBLOCK: otherwise open() would wait for ever for a pipe that nobody writes to.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size, mode } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw wrongFile(path, 'a regular file', 'something else');
    if (size > most) throw wrongFile(path, `a file of at most ${most / 1024} KiB`, `${Math.ceil(size / 1024)} KiB`);
    const bytes = readFileSync(file);
    const text = bytes.toString('utf8');
    if (Buffer.from(text).equals(bytes)) return text;
    const line = text.slice(0, text.indexOf('\ufffd')).split('\n').length;
    throw wrongFile(`${path}:${line}`, 'text in UTF-8', 'other bytes');
  } finally {
    closeSync(file);
  }
}

/** What is wrong with a file of a folder that somebody wrote. */
export const wrongFile = (where: string, expected: string, found: string): Problem =>
  new Problem({ expected, found, where, next: `correct it, or take it out of ${dirname(where)}` });
