import type { Step } from '../../../models/operation.ts';
import { planned } from '../plan/plan.ts';
import { runSteps } from '../run/run.ts';
import type { Run } from '../types.ts';
import type { Toy } from './machine.ts';
import { toyModel } from './model.ts';
import type { ToySeen, ToyWorld } from './world.ts';

/** The first failing run of a seed that shows the wanted invariant. */
export async function failing(
  machine: Toy,
  seed: number,
  invariant: string,
): Promise<{ run: Run<ToyWorld, ToySeen>; signature: string }> {
  for (let index = 0; ; index++) {
    const run = await runSteps(toyModel, machine, planned(toyModel, seed, index, { maxSteps: 40 }));
    if (run.verdict.kind === 'violated' && run.verdict.violation.invariant === invariant)
      return { run, signature: run.verdict.violation.signature };
  }
}

/** Tries steps on the toy, for the shrinker. */
export const candidates = (machine: Toy) => (steps: readonly Step[]) =>
  runSteps(toyModel, machine, steps, { evidence: false });

/** Steps in a few words: `edit a green; stop a; rebuild`. */
export const words = (steps: readonly Step[]): string =>
  steps.map(step => [step.operation, ...Object.values(step.args)].join(' ')).join('; ');
