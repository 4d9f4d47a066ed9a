import { expect, test } from 'vitest';
import { keptEvidence } from './evidence.ts';

test.each([
  ['DB_PASSWORD=hunter2 up', 'DB_PASSWORD=[redacted] up'],
  ['"token": "abc.def",', '"token": [redacted],'],
  ['password: hunter2', 'password: [redacted]'],
  ['APP_SECRET=x', 'APP_SECRET=[redacted]'],
  ['Authorization: Bearer abc', 'Authorization: Bearer [redacted]'],
  ['https://me:hunter2@host/x', 'https://me:[redacted]@host/x'],
])('takes the secret out of %s', (text, kept) => {
  expect(keptEvidence(text)).toBe(kept);
});

test.each(['remove the secret: web', 'localhost:5000/probe:stable', 'web-stack.service: active', 'compass=north'])(
  'leaves %s alone',
  text => {
    expect(keptEvidence(text)).toBe(text);
  },
);

test('keeps the beginning and the end of what is too long, and says how much is gone', () => {
  const kept = keptEvidence(`begin${'x'.repeat(1_000_000)}end`);
  expect(kept).toMatch(/^beginx+\n… 737864 characters left out here …\nx+end$/);
  expect(kept.length).toBeLessThan(263_000);
});
