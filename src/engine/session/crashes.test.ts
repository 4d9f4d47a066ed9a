import { describe, expect, test } from 'vitest';
import type { Args, Operation } from '../../../models/operation.ts';
import { Crash } from '../run/crash.ts';
import { runSteps } from '../run/run.ts';
import { type Faults, type Toy, type ToyLevers, toy } from '../toy/machine.ts';
import { toyModel } from '../toy/model.ts';
import type { ToySeen, ToyWorld } from '../toy/world.ts';
import type { Taken } from '../types.ts';
import { find } from './find.ts';
import type { SessionCrash, SessionOptions } from './session.ts';

const all: Faults = { drift: true, leak: true, rollback: true };
const toys = (count: number, faults: Faults = all): Toy[] => Array.from({ length: count }, () => toy(faults));
const session = (options: Partial<SessionOptions<ToyWorld, ToySeen, ToyLevers>>) =>
  find({ model: toyModel, machines: toys(1), seed: 1, size: { maxSteps: 40 }, ...options });

describe('a session whose model or hook throws', () => {
  test('keeps the crash, and goes on', async () => {
    const machines = toys(3, {});
    const expectedObservation = (world: ToyWorld) => {
      if (world.pointer > 3) throw new Error('nothing is expected of that');
      return toyModel.expectedObservation(world);
    };
    const reported: SessionCrash[] = [];
    const hooks = { onCrash: (crash: SessionCrash) => void reported.push(crash) };
    const { crashes, runs, ended } = await session({
      machines,
      model: { ...toyModel, expectedObservation },
      runs: 30,
      patience: 30,
      hooks,
    });
    expect([runs, ended, crashes]).toEqual([30, 'all 30 plans were run', reported]);
    expect(crashes.length).toBeGreaterThan(1);
    for (const { message, stack, steps } of crashes) {
      expect([message, stack]).toEqual([
        expect.stringContaining('the model, expectedObservation'),
        expect.stringMatching('nothing is expected of that'),
      ]);
      const again = await runSteps({ ...toyModel, expectedObservation }, toy({}), steps);
      expect(again.crash?.message).toContain('the model, expectedObservation');
      expect(again.taken).toHaveLength(steps.length);
    }
  });

  test('counts what was done for a finding whose shrinking crashed', async () => {
    let reported = 0;
    const onOperation = ({ skipped }: Taken): void => {
      if (!skipped) reported++;
    };
    const renamed = (): never => {
      throw new Error('no other names');
    };
    const { done, operations, cost, discarded, crashes } = await session({
      machines: toys(2),
      model: { ...toyModel, renamed },
      runs: 30,
      hooks: { onOperation },
    });
    expect(crashes.length).toBeGreaterThan(0);
    expect(done).toBe(reported);
    expect(done).toBeGreaterThan(operations + cost.confirming + cost.shrinking + discarded);
  });

  test('keeps a plan that cannot be drawn to its end, and draws the next one', async () => {
    const edit = toyModel.operations.get('edit') as Operation<Args, ToyWorld, ToyLevers>;
    const choices: typeof edit.choices = world => {
      if (world.pointer > 3) throw new Error('no choice of that');
      return edit.choices(world);
    };
    const model = { ...toyModel, operations: new Map([...toyModel.operations, ['edit', { ...edit, choices }]]) };
    const { crashes, runs } = await session({ machines: toys(2, {}), model, runs: 30, patience: 30 });
    expect(runs).toBe(30);
    expect(crashes.length).toBeGreaterThan(1);
    expect(crashes.length).toBeLessThan(30);
    expect(crashes[0]?.message).toContain('operation edit, choices');
    expect(crashes[0]?.steps.length).toBeGreaterThan(0);
  });

  test('loses no finding if the model throws while it is shrunk', async () => {
    let shrinking = false;
    const renamed = () => {
      if (shrinking) throw new Crash('no names for that');
      return [];
    };
    const onPhase = (phase: string) => {
      shrinking ||= phase === 'shrink';
    };
    const model = { ...toyModel, renamed };
    const { findings, crashes } = await session({
      machines: toys(1, { drift: true }),
      model,
      findings: 1,
      hooks: { onPhase },
    });
    expect(crashes.map(({ message }) => message)).toEqual(['no names for that']);
    expect(findings.map(({ violation }) => violation.invariant)).toEqual(['no-silent-drift']);
    expect(findings[0]?.steps).toEqual(findings[0]?.original);
  });

  test('goes on if a hook throws, and says so once', async () => {
    const troubles: string[] = [];
    const full = () => {
      throw new Error('no space left on device');
    };
    const hooks = { onBegin: full, onOperation: full, onRun: full, onPhase: full, onFinding: full, onFlaky: full };
    const onTrouble = (trouble: string) => void troubles.push(trouble);
    const plain = await session({ budget: { operations: 500 } });
    const followed = await session({ budget: { operations: 500 }, hooks: { ...hooks, onTrouble } });
    expect(followed).toEqual(plain);
    expect(troubles).toEqual(['no space left on device']);
    expect(await session({ budget: { operations: 500 }, hooks: { ...hooks, onTrouble: full } })).toEqual(plain);
  });
});
