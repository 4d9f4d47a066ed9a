import { afterEach, expect, test, vi } from 'vitest';
import {
  commitIn,
  inShare,
  isTurnAmong,
  isTurnOf,
  oneOf,
  parts,
  shareIn,
  shareOf,
  shareVariable,
  wordsOf,
} from './share.mjs';

const cases = Array.from({ length: 23 }, (_, index) => index);
const partsOf = (commits: readonly number[]) =>
  commits.flatMap(number => inShare(cases, shareIn(shareOf({ number, hash: null }))));

test('as many commits in a row as there are parts see every case once', () => {
  const commits = Array.from({ length: parts }, (_, index) => 412 + index);
  expect([...partsOf(commits)].sort((one, other) => one - other)).toEqual(cases);
  expect(partsOf([412, 413]).length).toBeLessThan(cases.length);
});

test('of a table whose cases take long each commit does another one, until all of them were done', () => {
  const done = cases.flatMap(at => oneOf(cases, { nth: 1, of: parts }, { number: 1_300 + at }));
  expect(done).toHaveLength(cases.length);
  expect([...done].sort((one, other) => one - other)).toEqual(cases);
  expect(oneOf(cases, null, { number: 5 })).toEqual(cases);
  expect(oneOf(cases, { nth: 3, of: parts }, { number: null })).toEqual([2]);
});

test('a table that is shorter than there are parts has a case in each', () => {
  const seen = [1, 2, 3, 4, 5].map(nth => inShare(['a', 'b'], { nth, of: 5 }));
  expect(seen).toEqual([['a'], ['b'], ['a'], ['b'], ['a']]);
  expect(inShare([], { nth: 1, of: 5 })).toEqual([]);
});

afterEach(() => void vi.unstubAllEnvs());

test('what one part does has its turn once in a round, and whenever everything is done', () => {
  const turns = Array.from({ length: parts }, (_, index) => {
    vi.stubEnv(shareVariable, `${index + 1}/${parts}`);
    return isTurnOf(4);
  });
  expect(turns.filter(Boolean)).toHaveLength(1);
  vi.stubEnv(shareVariable, '1/3');
  expect(isTurnOf(4)).toBe(true);
  vi.stubEnv(shareVariable, 'all');
  expect(isTurnOf(4)).toBe(true);
});

test('a commit has one share, by its number, or by its hash where the history is cut off', () => {
  expect(shareOf({ number: 7, hash: 'ffffffff00' })).toBe(shareOf({ number: 7, hash: '0123456789' }));
  const byHash = ['00000000aa', '00000001aa', '00000002aa'].map(hash => shareOf({ number: null, hash }));
  expect(new Set(byHash).size).toBe(3);
  expect(shareOf({ number: null, hash: null })).toBe(`1/${parts}`);
});

test('what is asked for is understood, or refused', () => {
  expect([undefined, '', 'all'].map(shareIn)).toEqual([null, null, null]);
  expect(shareIn('2/5')).toEqual({ nth: 2, of: 5 });
  for (const text of ['0/5', '6/5', '2', '2/0', 'most', '-1/5']) expect(() => shareIn(text), text).toThrow(`"${text}"`);
  expect(inShare(cases, null)).toEqual(cases);
});

test('it is said which part, and why', () => {
  const commit = { number: 412, hash: '0123456789abcdef' };
  expect(wordsOf('3/5', commit, false)).toMatch(/part 3\/5 .*number of the commit, 412.*npm run test:all/);
  expect(wordsOf('3/5', { ...commit, number: null }, false)).toMatch('hash of the commit, 0123456789ab');
  expect(wordsOf('3/5', commit, true)).toMatch('as STACKFUZZ_SHARE says');
  expect(wordsOf('all', commit, true)).toBe('every case of the big tables');
});

test('a folder that git does not know has no commit', () => {
  expect(commitIn('/')).toEqual({ number: null, hash: null });
});

test('files that take turns are all done, each by as many parts', () => {
  const done = Array.from({ length: parts }, (_, part) => {
    vi.stubEnv(shareVariable, `${part + 1}/${parts}`);
    return [1, 2, 3, 4].filter(nth => isTurnAmong(nth, 4));
  });
  expect(done.flat().sort()).toEqual([1, 2, 3, 4].flatMap(nth => Array(parts / 4).fill(nth)));
  expect(done.every(turns => turns.length === 1)).toBe(true);
  vi.stubEnv(shareVariable, 'all');
  expect([1, 2, 3, 4].every(nth => isTurnAmong(nth, 4))).toBe(true);
});
