import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem } from '../../../problem.ts';

/** The folder in which running machines are registered; every mount and file of a machine is below its own directory there. */
export const runDirectory = '/run/stackfuzz/lab';

/** The folder with the locks of running machines. */
export const lockDirectory = join(runDirectory, 'locks');

/** The folder with built roots and snapshots: STACKFUZZ_CACHE, or /var/cache/stackfuzz. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.STACKFUZZ_CACHE ?? '/var/cache/stackfuzz';
  // `mount -t overlay` separates its options and layers by these characters.
  if (!base.startsWith('/') || /[\s,:\\\p{Cc}]/u.test(base))
    throw new Problem({
      expected: 'an absolute path without blanks, commas, colons and backslashes',
      found: JSON.stringify(base),
      where: 'STACKFUZZ_CACHE',
      next: 'export STACKFUZZ_CACHE=/var/cache/stackfuzz',
    });
  return join(base, 'lab');
}

/** A file that is beside the sources; built code in dist/ uses the one in src/. */
export function beside(name: string): string {
  const here = fileURLToPath(new URL(`../${name}`, import.meta.url));
  return existsSync(here) ? here : fileURLToPath(new URL(`../../../../../src/hosts/lab/${name}`, import.meta.url));
}
