import { Problem } from '../problem.ts';
import { NarFault } from './nar.ts';

/** Most bytes of a closure: machines have it in memory, and again in their store. */
export const mostBytes = 2 ** 30;
/** Most paths of a closure: a home with a desktop has some thousands. */
export const mostPaths = 20_000;

export const storePath = /^\/nix\/store\/[0-9a-df-np-sv-z]{32}-[A-Za-z0-9+._?=-]{1,211}$/;
/** The message for a faulty archive of Nix; any other error is returned unchanged. */
export function told(error: unknown, path: string): unknown {
  return error instanceof NarFault ? bad(path, error.expected, error.found) : error;
}

export const tooMuch = (path: string): Problem =>
  bad(path, `at most ${mostPaths} paths and ${mostBytes / 2 ** 20} MiB`, 'more');

export const bad = (path: string, expected: string, found: string): Problem =>
  new Problem({
    expected,
    found,
    where: `--home-manager ${/\p{Cc}/u.test(path) ? JSON.stringify(path) : path}`,
    next: 'Write it anew:  nix-store --export $(nix-store -qR PACKAGE) > FILE  (docs/own-home-manager.md)',
  });
