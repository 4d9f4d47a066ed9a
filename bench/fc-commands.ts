import fc from 'fast-check';
import type { Args, StepRecord } from '../models/operation.ts';
import { judged } from '../src/engine/run/judge.ts';
import { type Faults, type Toy, toy } from '../src/engine/toy/machine.ts';
import { toyModel } from '../src/engine/toy/model.ts';
import { operations } from '../src/engine/toy/operations.ts';
import { colours, jobs, type ToySeen, type ToyWorld } from '../src/engine/toy/world.ts';

/** The cost of a search, in operations done to the machine. */
export interface SearchCost {
  readonly finding: number;
  readonly shrinking: number;
  /** Length of the final sequence. */
  readonly length: number;
  readonly answer: string;
}

interface Belief {
  world: ToyWorld;
  seen: ToySeen;
  readonly history: StepRecord<ToyWorld, ToySeen>[];
}

/** The same catalog as commands of fast-check, its own way of testing against a model: the baseline. */
export async function withCommands(faults: Faults, seed: number, maxCommands: number): Promise<SearchCost> {
  let spent = 0;
  let finding = 0;
  const property = fc.asyncProperty(fc.commands(arbitraries, { maxCommands, size: 'max' }), async commands => {
    const machine = toy(faults);
    const seen = await machine.observe();
    const start = (): { model: Belief; real: Toy } => ({
      model: { world: toyModel.start(), seen, history: [] },
      real: machine,
    });
    try {
      await fc.asyncModelRun(start, commands);
    } catch (error) {
      finding ||= spent + machine.count.operations;
      throw error;
    } finally {
      spent += machine.count.operations;
    }
  });
  const details = await fc.check(property, { seed, numRuns: 100_000 });
  const answer = String(details.counterexample?.[0] ?? '').replace(/ *\/\*.*\*\/$/, '');
  return { finding, shrinking: spent - finding, length: answer.split(',').length, answer };
}

/** One command: the precondition of the catalog, and all that the engine does after a step. */
function command(name: string, args: Args): fc.AsyncCommand<Belief, Toy> {
  const operation = operations.get(name);
  if (operation === undefined) throw new Error(`no operation is named ${name}`);
  return {
    check: ({ world }) => operation.allowed(world, args),
    async run(belief, machine) {
      const { world: before, seen: seenBefore, history } = belief;
      const mayFail = operation.mayFail?.(before, args) ?? [];
      const claim = await operation.apply(machine, args, before);
      const after = operation.expected(before, args, claim);
      history.push({
        step: { operation: name, args },
        kind: operation.kind,
        role: operation.role,
        claim,
        mayFail,
        mustFail: [],
        before,
        after,
        seenBefore,
      });
      belief.world = after;
      belief.seen = await machine.observe();
      const expected = toyModel.expectedObservation(after);
      const violation = judged(toyModel, { seen: belief.seen, world: after, expected, history, at: 0 });
      if (violation !== undefined) throw new Error(violation.signature);
    },
    toString: () => [name, ...Object.values(args)].join(' '),
  };
}

const job = fc.constantFrom(...jobs);
const painted = fc.record({ job, colour: fc.constantFrom(...colours) }, { noNullPrototype: true });

const arbitraries = [...operations.keys()].map(name => {
  if (name === 'rebuild' || name === 'rollback') return fc.constant(command(name, {}));
  if (name === 'edit' || name === 'paint') return painted.map(args => command(name, args));
  return job.map(one => command(name, { job: one }));
});
