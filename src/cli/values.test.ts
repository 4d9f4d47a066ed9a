import { describe, expect, test } from 'vitest';
import { Problem } from '../problem.ts';
import { commandLine } from './commands.ts';
import { exit, statusOf, worst } from './exit.ts';
import { interruptible } from './interrupt.ts';
import { duration, labs, positive, seed, shownDuration, stepsInRun } from './values.ts';

test.each([
  ['90s', 90],
  ['10m', 600],
  ['1h30m', 5400],
  ['45', 45],
])('a duration of %s is %i seconds', (text, seconds) => {
  expect(duration(text)).toBe(seconds);
});

test('a duration has an end', () => {
  expect(duration('720h')).toBe(2_592_000);
  for (const text of ['721h', '43200m1s', '9'.repeat(400)]) expect(() => duration(text)).toThrow('at most 720h');
});

test.each(['', '0', '0s', '10x', '1.5h', '-3m', 'm', '5m later'])('%j is no duration', text => {
  expect(() => duration(text)).toThrow('Expected a duration');
});

test('lab machines are as many as the computer has room for, and it says why', () => {
  const small = labs({ cores: 2, memory: 4 * 2 ** 30 });
  expect(small('4')).toBe(4);
  expect(() => small('5')).toThrow(/from 1 to 4 \(this computer has 2 cores and 4\.0 GiB of memory; /);
  expect(() => labs({ cores: 2, memory: 500 * 2 ** 30 })('200')).toThrow('from 1 to 16 ');
  expect(labs({ cores: 1, memory: 2 ** 28 })('1')).toBe(1);
});

test('durations are shown as they are typed', () => {
  expect([90, 600, 5400, 0].map(shownDuration)).toEqual(['1m30s', '10m', '1h30m', '0s']);
});

test('numbers are whole and in their bounds', () => {
  expect([positive('1'), seed('0'), seed('2147483647')]).toEqual([1, 0, 2147483647]);
  for (const text of ['0', '-1', '1.5', 'x', '', '1e3', '1000000001', '9'.repeat(400)])
    expect(() => positive(text)).toThrow('from 1 to 1000000000');
  expect(stepsInRun('10000')).toBe(10_000);
  expect(() => stepsInRun('10001')).toThrow('from 1 to 10000');
  for (const text of ['-1', '2147483648', 'x', '']) expect(() => seed(text)).toThrow('from 0 to 2147483647');
});

describe('exit status', () => {
  test('a violation outweighs a mistake, a mistake what could not be told', () => {
    expect(worst([])).toBe(0);
    expect(worst([exit.held, exit.inconclusive])).toBe(2);
    expect(worst([exit.inconclusive, exit.usage])).toBe(3);
    expect(worst([exit.usage, exit.violated])).toBe(1);
  });

  test('a Problem is a mistake, anything else is a crash', () => {
    const problem = new Problem({ expected: 'a', found: 'b', where: 'c', next: 'd' });
    expect(statusOf(problem)).toEqual({ status: 3, message: 'c: expected a, found b\n  d' });
    expect(statusOf(new Error('oops'))).toMatchObject({
      status: 255,
      message: expect.stringContaining('crashed: oops'),
    });
    expect(statusOf('thrown text')).toMatchObject({ status: 255, message: expect.stringContaining('thrown text') });
  });
});

test('a command line quotes what a shell would take apart', () => {
  expect(commandLine('replay', ['corpus/a b.json', "it's"])).toBe(`npx stackfuzz replay 'corpus/a b.json' 'it'\\''s'`);
});

test('one key press that arrives twice is one; the next one is urgent', () => {
  let now = 0;
  const said: string[] = [];
  const interrupt = interruptible(
    line => said.push(line),
    () => now,
  );
  const press = (): void => void process.emit('SIGINT');
  try {
    press();
    now = 300;
    press();
    expect([interrupt.signal.aborted, interrupt.urgent.aborted]).toEqual([true, false]);
    now = 1_500;
    press();
    press();
    expect(interrupt.urgent.aborted).toBe(true);
    expect(said).toHaveLength(2);
  } finally {
    interrupt.dispose();
  }
  expect(process.listeners('SIGINT')).not.toContain(press);
});
