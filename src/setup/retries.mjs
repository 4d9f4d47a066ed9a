/**
 * Vitest's global set-up: collects what was done again, or given up, in a file that all test processes write to (again.ts), and
 * prints the count and each reason at the end.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The environment variable that names the file. */
export const retriesVariable = 'STACKFUZZ_RETRIES';

export default function setup() {
  if (process.env[retriesVariable] !== undefined) return undefined; // vitest asks once for each project
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

/** What the file says, in words: one line where it is empty. */
export function summary(text) {
  const lines = text.split('\n').filter(line => line !== '');
  if (lines.length === 0) return 'Nothing was done again, and nothing was given up.';
  const counts = new Map();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  const rows = [...counts].map(([line, count]) => `  ${count} x ${line}`);
  return [`Done again or given up, ${lines.length} times in all:`, ...rows.sort()].join('\n');
}
