import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './prepare.mjs';

/**
 * Vitest's global set-up: tests that start the program start the one that the sources make. Where they make none there
 * is no program, and those tests fail; the others still say what they have to say.
 */
export default function setup() {
  try {
    buildIfNeeded(fileURLToPath(new URL('../../', import.meta.url)));
  } catch (error) {
    console.error(error.message);
    rmSync(fileURLToPath(new URL('../../dist', import.meta.url)), { recursive: true, force: true });
  }
}
