/**
 * Vitest's global set-up: all test processes record in one file what was done again or given up (again.ts); at the end the
 * number and the reasons are printed.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The environment variable that names the file. */
export const retriesVariable = 'STACKFUZZ_RETRIES';

export default function setup() {
  if (process.env[retriesVariable] !== undefined) return undefined; // vitest calls this once for each project
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-retries-'));
  const file = join(folder, 'list');
  writeFileSync(file, '');
  process.env[retriesVariable] = file;
  return () => {
    delete process.env[retriesVariable];
    console.log(summary(readFileSync(file, 'utf8')));
    rmSync(folder, { recursive: true });
  };
}

/** The content of the file, in words: one line if it is empty. */
export function summary(text) {
  const lines = text.split('\n').filter(line => line !== '');
  if (lines.length === 0) return 'Nothing was done again, and nothing was given up.';
  const counts = new Map();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  const rows = [...counts].map(([line, count]) => `  ${count} x ${line}`);
  return [`Done again or given up, ${lines.length} times in all:`, ...rows.sort()].join('\n');
}
