import { Problem } from '../problem.ts';

/** What is wrong with a compose file, at `file:line`. */
export const badFile = (expected: string, found: string, where: string): Problem =>
  new Problem({ expected, found, where, next: 'correct the line; docs/own-stacks.md says what a file may hold' });
