import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import type { Operation } from '../operation.ts';
import { firstWorld } from '../transitions/first.ts';
import type { World } from '../world.ts';
import { nextRecoveryStep } from './recovery.ts';

const modules = import.meta.glob<{ default: Operation }>('../operations/**/*.ts', { eager: true });
const named = (name: string): Operation =>
  Object.entries(modules).find(([path]) => path.endsWith(`/${name}.ts`))?.[1].default as Operation;
const done = { ok: true, status: 0, message: '' };

/** The steps of a recovery until nothing is left to do by hand. */
function recovery(world: World, until = 10): readonly string[] {
  const step = nextRecoveryStep(world);
  if (step === null || until === 0) return [];
  const operation = named(step.operation);
  if (!operation.choices(world).some(args => isDeepStrictEqual(args, step.args)))
    return [`${step.operation}, which is not possible`];
  return [step.operation, ...recovery(operation.expected(world, step.args, done), until - 1)];
}

test.each(['linger-off', 'stop-manager'])(
  'what no manager can load is taken away before one is started, after %s',
  name => {
    const shadow = named('shadow-default-target');
    const down = named(name).expected(firstWorld(homelab), {}, done);
    const [args] = shadow.choices(down);
    const [first, ...others] = recovery(shadow.expected(down, args ?? {}, done));
    expect(first).toBe('take-away-drift');
    expect(others).not.toContainEqual(expect.stringContaining('not possible'));
  },
);
