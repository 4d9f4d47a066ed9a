import { expect, test } from 'vitest';
import { Problem } from '../../../problem.ts';
import { cgroupsOf } from './cgroup.ts';
import { isName } from './names.ts';
import { directoryOf } from './register.ts';

const wrong = [
  ...[
    '',
    '.',
    '..',
    '../../etc',
    'a/b',
    '/etc',
    'a b',
    'A',
    '-a',
    'a-',
    'a.b',
    'a_b',
    'lab\n',
    'lab\0',
    'é',
    '\u001b[2J',
  ],
  ...['a'.repeat(52), '__proto__'],
];

test('a machine’s name has small letters, digits and hyphens', () => {
  for (const name of ['lab', 'lab-4711-2', '0', 'a'.repeat(51)]) expect(isName(name)).toBe(true);
  for (const name of wrong) expect([name, isName(name)]).toEqual([name, false]);
});

test.each(wrong)('%j becomes part of no path and of no cgroup', name => {
  expect(() => directoryOf(name)).toThrow(Problem);
  if (process.platform === 'linux') expect(() => cgroupsOf(name).join()).toThrow(Problem);
});

test('a refused name is never printed as it is', () => {
  expect(() => directoryOf(`\u001b[2J${'x'.repeat(500)}`)).toThrow(/found "\\u001b\[2Jx{10,60}…"\n/);
});
