import { expect, test } from 'vitest';
import { allowedFor } from './exploring.ts';

const steps = 30;

test.each([
  ['a short one', { seconds: 1 }, 'simulator', { seconds: 0.25 }],
  ['the usual one on lab machines', { seconds: 240 }, 'lab', { seconds: 60 }],
  ['the usual one on simulated machines', { seconds: 60 }, 'simulator', { seconds: 15 }],
  ['a long one', { seconds: 3600 }, 'own', { seconds: 60 }],
  ['runs on simulated machines, where a step is a step', { runs: 2 }, 'simulator', { seconds: 20, transitions: 15 }],
  ['runs on real ones, where a step takes a second', { runs: 2 }, 'lab', { seconds: 15 }],
  ['the nearer of both', { runs: 2, seconds: 8 }, 'lab', { seconds: 2 }],
] as const)('exploring has a quarter of the budget at most: %s', (_what, budget, kind, bounds) => {
  expect(allowedFor(kind, { steps, ...budget })).toEqual(bounds);
});
