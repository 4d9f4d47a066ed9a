import { expect, test } from 'vitest';
import { quietUntil, secondsUntil } from './quiet.ts';

const at = (clock: string): Date => new Date(`2026-11-26T${clock}`);

test.each([
  ['by day', { from: '07:00', to: '23:00' }, ['07:00:00', '22:59:59'], ['06:59:59', '23:00:00', '00:00:00']],
  ['around midnight', { from: '22:00', to: '06:30' }, ['22:00:00', '00:00:00', '06:29:59'], ['06:30:00', '21:59:59']],
])('quiet hours %s end when they say', (_, hours, quiet, loud) => {
  for (const clock of quiet) expect(quietUntil(hours, at(clock)), clock).toBe(hours.to);
  for (const clock of loud) expect(quietUntil(hours, at(clock)), clock).toBe(null);
});

test('how long it is until a time of day, today or tomorrow', () => {
  expect(secondsUntil('23:00', at('22:59:30'))).toBe(30);
  expect(secondsUntil('07:00', at('23:00:00'))).toBe(8 * 3600);
  expect(secondsUntil('07:00', at('07:00:00'))).toBe(24 * 3600);
});
