import { expect, test } from 'vitest';
import { expectedObservation } from '../expected-observation.ts';
import { homelab } from '../homelab.ts';
import { alike } from '../observation.ts';
import type { Operation } from '../operation.ts';
import { firstWorld } from '../transitions/first.ts';
import { aspects } from './aspects.ts';

const modules = import.meta.glob<{ default: Operation }>('../operations/**/*.ts', { eager: true });
const done = { ok: true, status: 0, message: '' };

test('whatever drift can be seen of a fresh machine, something about its world is special', () => {
  const fresh = firstWorld(homelab);
  expect(aspects(fresh)).toEqual([]);
  const silent = Object.entries(modules).flatMap(([path, { default: operation }]) => {
    const [args] = operation.kind === 'drift' ? operation.choices(fresh) : [];
    if (args === undefined) return [];
    const world = operation.expected(fresh, args, done);
    const isSeen = !alike(expectedObservation(fresh), expectedObservation(world));
    return isSeen && aspects(world).length === 0 ? [path] : [];
  });
  expect(silent).toEqual([]);
});
