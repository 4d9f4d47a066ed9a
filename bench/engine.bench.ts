import { planned } from '../src/engine/plan/plan.ts';
import { runSteps } from '../src/engine/run/run.ts';
import { find } from '../src/engine/session/find.ts';
import { shrink } from '../src/engine/shrink/shrink.ts';
import { type Faults, toy } from '../src/engine/toy/machine.ts';
import { toyModel } from '../src/engine/toy/model.ts';
import { type SearchCost, withCommands } from './fc-commands.ts';

const [seeds = 100, operations = 200_000] = process.argv.slice(2).map(Number);
const maxSteps = 40;

/** With the engine: plans that walk through the model, and its own shrinker, on the machine itself. */
async function withEngine(faults: Faults, seed: number): Promise<SearchCost> {
  const machine = toy(faults);
  for (let index = 0; ; index++) {
    const run = await runSteps(toyModel, machine, planned(toyModel, seed, index, { maxSteps }));
    if (run.verdict.kind !== 'violated') continue;
    const finding = machine.count.operations;
    const { best } = await shrink({
      model: toyModel,
      signature: run.verdict.violation.signature,
      run,
      attempt: steps => runSteps(toyModel, machine, steps, { evidence: false }),
    });
    const answer = best.map(step => [step.operation, ...Object.values(step.args)].join(' ')).join(',');
    return { finding, shrinking: machine.count.operations - finding, length: best.length, answer };
  }
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** The engine and fast-check's commands with the same bug and the same seeds. */
async function compared(bug: 'drift' | 'leak' | 'rollback'): Promise<void> {
  const ways: Record<string, SearchCost[]> = { 'fc.commands': [], engine: [] };
  for (let seed = 1; seed <= seeds; seed++) {
    ways['fc.commands']?.push(await withCommands({ [bug]: true }, seed, maxSteps));
    ways.engine?.push(await withEngine({ [bug]: true }, seed));
  }
  for (const [way, all] of Object.entries(ways)) {
    const cells = [
      mean(all.map(one => one.finding)).toFixed(0),
      mean(all.map(one => one.shrinking)).toFixed(0),
      mean(all.map(one => one.length)).toFixed(2),
      String(new Set(all.map(one => one.answer)).size),
    ];
    console.log([bug.padEnd(9), way.padEnd(12), ...cells.map(cell => cell.padStart(9))].join(' '));
  }
  const ratio = (of: (one: SearchCost) => number): string =>
    (mean((ways['fc.commands'] ?? []).map(of)) / mean((ways.engine ?? []).map(of))).toFixed(1);
  console.log(
    `${bug.padEnd(9)} ${'ratio'.padEnd(12)} ${ratio(one => one.finding).padStart(8)}x ${ratio(one => one.shrinking).padStart(8)}x`,
  );
}

/** The whole loop on a faultless machine in memory: plan, apply, observe, expected, invariants, comparison. */
async function speed(): Promise<void> {
  const begun = process.cpuUsage();
  const session = await find({
    model: toyModel,
    machines: [toy()],
    seed: 1,
    size: { maxSteps },
    budget: { operations },
    deterministic: true,
  });
  // Processor time, so that other processes are not measured.
  const { user, system } = process.cpuUsage(begun);
  const seconds = (user + system) / 1e6;
  console.log(
    `whole loop: ${Math.round(session.operations / seconds)} operations per second of processor time, ${session.runs} runs`,
  );
}

console.log(`toy catalog, ${seeds} seeds, up to ${maxSteps} operations a run; means of operations on the machine`);
console.log(
  [
    'bug'.padEnd(9),
    'way'.padEnd(12),
    ...['finding', 'shrinking', 'length', 'answers'].map(cell => cell.padStart(9)),
  ].join(' '),
);
await compared('drift');
await compared('leak');
await compared('rollback');
await speed();
