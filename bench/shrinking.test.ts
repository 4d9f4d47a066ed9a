import { describe, expect, test } from 'vitest';
import type { Step } from '../models/operation.ts';
import { runSteps } from '../src/engine/run/run.ts';
import { executed, standing } from '../src/engine/shrink/repair.ts';
import { shrink } from '../src/engine/shrink/shrink.ts';
import { candidates, failing, words } from '../src/engine/toy/failing.ts';
import { toy } from '../src/engine/toy/machine.ts';
import { toyModel } from '../src/engine/toy/model.ts';
import { withCommands } from './fc-commands.ts';

/** Operations that fast-check's own shrinker took (the mean of these seeds), and how many answers this project's once gave. */
const table = [
  ['drift', 'no-silent-drift', 11],
  ['leak', 'nothing-left-behind', 7],
  ['rollback', 'rollback-complete', 31],
] as const;
const seeds = Array.from({ length: 100 }, (_, index) => index + 1);

describe.each(table)('the %s bug without a simulator', (bug, invariant, mostAnswers) => {
  test('takes half of the operations of fc.commands, is 1-minimal, and has few answers', async () => {
    let [commands, operations] = [0, 0];
    const answers = new Set<string>();
    for (const seed of seeds) {
      commands += (await withCommands({ [bug]: true }, seed, 40)).shrinking;
      const machine = toy({ [bug]: true });
      const met = await failing(machine, seed, invariant);
      const before = machine.count.operations;
      const { best } = await shrink({ model: toyModel, ...met, attempt: candidates(machine) });
      operations += machine.count.operations - before;
      answers.add(words(best));
      for (const simpler of [...oneLess(best), ...(await oneSimpler(best, bug))]) {
        const { verdict } = await candidates(machine)(simpler);
        const shows = verdict.kind === 'violated' && verdict.violation.signature === met.signature;
        expect(shows, `${words(best)} is not minimal: ${words(simpler)}`).toBe(false);
      }
    }
    expect(operations).toBeLessThanOrEqual(commands / 2);
    expect(answers.size).toBeLessThanOrEqual(mostAnswers);
  });
});

const oneLess = (steps: readonly Step[]): readonly (readonly Step[])[] => steps.map((_, at) => steps.toSpliced(at, 1));

/** The steps with one argument of one of them made simpler: an earlier choice. */
async function oneSimpler(steps: readonly Step[], bug: string): Promise<readonly (readonly Step[])[]> {
  const run = await runSteps(toyModel, toy({ [bug]: true }), steps);
  expect(executed(run)).toEqual(steps);
  return standing(toyModel, steps, new Map(run.taken.map(taken => [taken.step, taken]))).flatMap(
    ({ step, world }, at) => {
      const choices = toyModel.operations.get(step.operation)?.choices(world) ?? [];
      const place = choices.findIndex(args => JSON.stringify(args) === JSON.stringify(step.args));
      return choices
        .slice(0, Math.max(0, place))
        .filter(args => Object.keys(args).filter(key => args[key] !== step.args[key]).length === 1)
        .map(args => steps.with(at, { ...step, args }));
    },
  );
}
