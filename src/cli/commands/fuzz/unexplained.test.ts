import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { emptyFolder } from '../../../../tests/helpers/command.ts';
import { unexplainedFindings } from './unexplained.ts';

afterEach(() => vi.unstubAllEnvs());

test('what machines said is kept without secrets, in a folder that is made when it is needed', () => {
  vi.stubEnv('TMPDIR', emptyFolder());
  const kept = unexplainedFindings(() => {});
  kept.keep('run-1', undefined);
  expect(kept.folder()).toBeUndefined();
  kept.keep('run-1', 'DB_PASSWORD=hunter2');
  expect(readFileSync(join(kept.folder() ?? '', 'run-1.evidence.txt'), 'utf8')).toBe('DB_PASSWORD=[redacted]');
});

test.each(['gone', 'a file'])('where the temporary folder is %s it is told once, and nothing is thrown', what => {
  const place = join(emptyFolder(), 'place');
  if (what === 'a file') writeFileSync(place, '');
  vi.stubEnv('TMPDIR', place);
  const said: string[] = [];
  const kept = unexplainedFindings(line => said.push(line));
  kept.keep('run-1', 'text');
  kept.keep('run-2', 'text');
  expect(said).toEqual([expect.stringContaining('TMPDIR names another place')]);
  expect(kept.folder()).toBeUndefined();
});
