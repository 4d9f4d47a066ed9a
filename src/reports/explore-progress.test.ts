import { expect, test } from 'vitest';
import { exploringOn, lineOf } from './explore-progress.ts';

const stands = {
  depth: 2,
  states: 12_345,
  transitions: 30_000,
  expanded: 50,
  toExpand: 200,
  level: { states: 10_000, transitions: 14_000 },
  met: [],
};

test('a line says how far it has come, how fast, and how long it takes', () => {
  expect(lineOf(stands, 2, 10, 0)).toBe(
    '0:10 depth 2 of 2, 25 %, 12,345 states, 30,000 transitions (3,000/s), 0 findings, about 0:14 to go',
  );
  // What was done before the continuation does not count for the rate.
  expect(lineOf(stands, 2, 10, 20_000)).toContain('(1,000/s), 0 findings, about 0:42 to go');
  // The next depth has 200 states for each state of this one.
  expect(lineOf(stands, 3, 10, 0)).toContain('about 62:27 to go');
});

test('a terminal gets one line that moves, a log a line now and then', () => {
  const written: string[] = [];
  let time = 0;
  const terminal = exploringOn({ isTTY: true, columns: 40, write: text => written.push(text) }, 2, () => time);
  terminal.stands(stands);
  terminal.stands(stands);
  terminal.end();
  expect(written).toHaveLength(2);
  expect(written[0]).toMatch(/^\r0:00 depth 2 of 2/);
  const lines: string[] = [];
  const log = exploringOn({ write: text => lines.push(text) }, 2, () => time);
  log.stands(stands);
  time += 16_000;
  log.stands(stands);
  expect(lines).toHaveLength(1);
});
