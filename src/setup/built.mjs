import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './prepare.mjs';

/**
 * Vitest's global set-up: tests that start the program need it built from the present sources. If the build fails there is no
 * program, and only those tests fail.
 */
export default function setup() {
  try {
    buildIfNeeded(fileURLToPath(new URL('../../', import.meta.url)));
  } catch (error) {
    console.error(error.message);
    rmSync(fileURLToPath(new URL('../../dist', import.meta.url)), { recursive: true, force: true });
  }
}
