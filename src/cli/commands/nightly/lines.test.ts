import { expect, test } from 'vitest';
import { historyLines } from './lines.ts';

test('a history counts what was never tried, and names what was tried in vain', () => {
  const none = { succeeded: 0, failed: 0, justified: 0, skipped: 0 };
  const coverage = {
    mask: none,
    restart: { ...none, skipped: 3 },
    rollback: { ...none, failed: 2 },
    start: { ...none, succeeded: 1 },
  };
  expect(historyLines({ findings: [], nights: [], coverage })).toEqual([
    'Never tried in these nights: 2 of 4 (--json lists them).',
    'Tried, and never succeeded: rollback.',
    '0 open findings, 0 gone, 0 nights listed.',
  ]);
});
