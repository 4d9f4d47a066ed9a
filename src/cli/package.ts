import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { home } from '../home.ts';

/** The folder of package.json: a clone, or the installed package. Built code runs one folder below it. */
export const packageRoot = (): string =>
  fileURLToPath(existsSync(new URL('package.json', home)) ? home : new URL('../', home));

/** The version that package.json states. */
export const version = (): string =>
  (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
