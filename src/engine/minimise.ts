import type { Step } from '../../models/operation.ts';
import { alike, confirm, exactly, moreTelling, shows } from './confirm.ts';
import { explain } from './explain.ts';
import { executed, repaired } from './repair.ts';
import type { Cost, Finding, Flaky } from './session.ts';
import { counted, type Met, onMachine, onSimulator, type Short, type Spent, type Workbench } from './shorten.ts';
import type { Run } from './types.ts';

/** What came of it. */
export type Minimised<W, S> =
  | { readonly kind: 'finding'; readonly finding: Finding<W, S> }
  | { readonly kind: 'flaky'; readonly flaky: Flaky<W, S> };

/** Asks for the violation again; where it shows, makes it short and asks for the short one. */
export async function minimise<W, S, H>(bench: Workbench<W, S, H>, first: Met<W, S>): Promise<Minimised<W, S>> {
  const { signature } = first.violation;
  const spent: Spent = { confirming: 0, shrinking: 0, simulated: 0 };
  const steps = executed(first.run);
  const real = counted(bench, 'confirm', spent, 'confirming');
  bench.onPhase('confirm', signature);
  const again = await confirm(steps, alike(first.violation), { need: 1, of: 1 }, real);
  if (!again.enough && !bench.stopped()) {
    if (again.last !== undefined) bench.onOther(again.last);
    return flaky(first, steps, spent, again.last);
  }
  const met = shownAgain(first, again.run);
  const [short, shrunkOn] = (await onSimulator(bench, met, spent)) ?? (await onMachine(bench, met, spent));
  for (const run of short.open.others.values()) if (shrunkOn === 'machine') bench.onOther(run);
  if (!short.confirmed.enough && !bench.stopped()) return flaky(met, steps, spent, again.run, short.confirmed.last);
  return { kind: 'finding', finding: findingOf(bench, met, short, shrunkOn, spent) };
}

/** What is asked for from now on: where the reason was another one, the run that tells more, whatever reason is given. */
function shownAgain<W, S>(met: Met<W, S>, again: Run<W, S> | undefined): Met<W, S> {
  if (again === undefined || shows(again, exactly(met.violation.signature))) return met;
  const run = moreTelling(met.run, again);
  return run.verdict.kind === 'violated' ? { ...met, run, violation: run.verdict.violation, vague: true } : met;
}

function findingOf<W, S, H>(
  bench: Workbench<W, S, H>,
  met: Met<W, S>,
  { open, steps, run, confirmed }: Short<W, S, H>,
  shrunkOn: 'machine' | 'simulator',
  cost: Cost,
): Finding<W, S> {
  const violation = run.verdict.kind === 'violated' ? run.verdict.violation : met.violation;
  const repair = (all: readonly Step[]): readonly Step[] => repaired(bench.model, all, open.memory);
  return {
    violation,
    steps,
    run,
    original: executed(met.run),
    index: met.index,
    confirmed: { shown: confirmed.shown, of: confirmed.of },
    shrunkOn,
    foundAfter: met.foundAfter,
    cost: { ...cost },
    explanation: explain(steps, open.tried, repair),
  };
}

function flaky<W, S>(
  met: Met<W, S>,
  steps: readonly Step[],
  cost: Cost,
  ...others: readonly (Run<W, S> | undefined)[]
): Minimised<W, S> {
  const runs = [met.run, ...others.filter(run => run !== undefined)];
  return { kind: 'flaky', flaky: { violation: met.violation, index: met.index, steps, runs, cost: { ...cost } } };
}
