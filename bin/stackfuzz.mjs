#!/usr/bin/env node
/**
 * The command `stackfuzz`. In a clone of the repository it first builds dist/ where that does not match the sources, so
 * that what stands in models/ and properties/ is what runs; a package that was installed holds no sources to build.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { requireNode } from './node-version.mjs';

requireNode();

const root = fileURLToPath(new URL('../', import.meta.url));

try {
  if (existsSync(`${root}tsconfig.build.json`)) {
    const { buildIfNeeded } = await import('../src/setup/prepare.mjs');
    buildIfNeeded(root);
  }
  await import('../dist/src/cli/main.js');
} catch (error) {
  // Node itself would end with 1, which means violated.
  console.error(error.name === 'SetupFailed' ? error.message : `stackfuzz crashed: ${error.message}`);
  process.exit(255);
}
