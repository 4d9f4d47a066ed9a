import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { noteAgain } from './again.ts';
import { retriesVariable, summary } from './retries.mjs';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('what is noted is counted by its reason', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-retries-test-'));
  try {
    const file = join(folder, 'list');
    vi.stubEnv(retriesVariable, file);
    vi.spyOn(console, 'warn').mockReturnValue();
    noteAgain('done again: podman raced');
    noteAgain('done again: podman raced');
    noteAgain('done again: the machine\nwent away');
    expect(summary(readFileSync(file, 'utf8'))).toBe(
      [
        'Done again or given up, 3 times in all:',
        '  1 x done again: the machine went away',
        '  2 x done again: podman raced',
      ].join('\n'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('that there was none is said too', () => {
  expect(summary('')).toBe('Nothing was done again, and nothing was given up.');
});
