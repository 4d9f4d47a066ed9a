import { relative, resolve } from 'node:path';
import { Problem } from '../problem.ts';

/** A path as it is printed: relative, if it is below the current folder. */
export function toldPath(path: string): string {
  const fromHere = relative(process.cwd(), resolve(path));
  return fromHere.startsWith('..') ? resolve(path) : fromHere;
}

/** What is wrong with a compose file, at `file:line`. */
export const badFile = (expected: string, found: string, where: string): Problem =>
  new Problem({ expected, found, where, next: 'correct the line; docs/own-stacks.md says what a file may hold' });
