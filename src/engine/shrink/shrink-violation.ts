import type { Step } from '../../../models/operation.ts';
import {
  alikeViolation,
  type Confirmed,
  confirm,
  exactly,
  measuredRate,
  measuring,
  moreTelling,
  rateOf,
  showsIt,
  together,
} from '../session/confirm.ts';
import type { Cost, Finding, Flaky } from '../session/session.ts';
import type { Run } from '../types.ts';
import { explanationOf } from './explain.ts';
import { executed, repaired } from './repair.ts';
import {
  counted,
  type MetViolation,
  onMachine,
  onSimulator,
  type Short,
  type ShrinkContext,
  type Spent,
} from './violation.ts';

/** The result for one violation. */
export type ShrinkResult<W, S> =
  | { readonly kind: 'finding'; readonly finding: Finding<W, S> }
  | { readonly kind: 'flaky'; readonly flaky: Flaky<W, S> }
  /** Only the simulator showed it. */
  | { readonly kind: 'simulated' };

/**
 * Shrinks a violation: on the simulator, if it shows the same, with one run of the short sequence on the machine. Otherwise it
 * is repeated on the machine, shrunk there, and repeated again; one that comes and goes is measured.
 */
export async function shrinkViolation<W, S, H>(
  bench: ShrinkContext<W, S, H>,
  met: MetViolation<W, S>,
): Promise<ShrinkResult<W, S>> {
  const spent: Spent = { confirming: 0, shrinking: 0, simulated: 0 };
  const simulated = await onSimulator(bench, met, spent);
  if (simulated !== undefined) {
    // A promise that fewer steps break is often the better finding; the machine has not shown it yet.
    for (const run of simulated.open.others.values())
      if (executed(run).length < simulated.steps.length) bench.onOther(run, 'simulator');
    return { kind: 'finding', finding: findingOf(bench, met, simulated, 'simulator', spent) };
  }
  return met.seenOn === 'simulator' ? { kind: 'simulated' } : byMachine(bench, met, spent);
}

async function byMachine<W, S, H>(
  bench: ShrinkContext<W, S, H>,
  first: MetViolation<W, S>,
  spent: Spent,
): Promise<ShrinkResult<W, S>> {
  const sought = alikeViolation(first.violation);
  const steps = executed(first.run);
  const real = counted(bench, 'confirm', spent, 'confirming');
  bench.onPhase('confirm', first.violation.signature);
  let again = await confirm(steps, sought, { need: 1, of: 1 }, real);
  if (!again.enough && !bench.stopped()) {
    if (again.last !== undefined) bench.onOther(again.last, 'machine');
    // If another promise is broken every time, this one is not steady.
    if (again.held > 0) again = together(again, await measuredRate(steps, sought, measuring.long - 1, real));
    if (!again.enough && !bench.stopped()) return flaky(first, steps, spent, again);
  }
  const met = shownAgain(first, again.run);
  const short = await onMachine(bench, met, spent, rateOf(again));
  for (const run of short.open.others.values()) bench.onOther(run, 'machine');
  if (!short.confirmed.enough && !bench.stopped()) return flaky(met, steps, spent, short.confirmed);
  return { kind: 'finding', finding: findingOf(bench, met, short, 'machine', spent) };
}

/**
 * What is looked for from now on. If another reason was given this time: the run with the longer reason, and any reason counts.
 */
function shownAgain<W, S>(met: MetViolation<W, S>, again: Run<W, S> | undefined): MetViolation<W, S> {
  if (again === undefined || showsIt(again, exactly(met.violation.signature))) return met;
  const run = moreTelling(met.run, again);
  return run.verdict.kind === 'violated' ? { ...met, run, violation: run.verdict.violation, vague: true } : met;
}

function findingOf<W, S, H>(
  bench: ShrinkContext<W, S, H>,
  met: MetViolation<W, S>,
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
    ...(met.stage !== undefined && met.stage !== 'walks' && { stage: met.stage }),
    confirmed: { shown: confirmed.shown, of: confirmed.of },
    ...(confirmed.held > 0 && { shows: { times: confirmed.shown, of: confirmed.shown + confirmed.held } }),
    shrunkOn,
    foundAfter: met.foundAfter,
    cost: { ...cost },
    explanation: explanationOf(steps, open.tried, repair),
  };
}

function flaky<W, S>(
  met: MetViolation<W, S>,
  steps: readonly Step[],
  cost: Cost,
  { shown, of, last }: Confirmed<W, S>,
): ShrinkResult<W, S> {
  const runs = [met.run, ...(last === undefined ? [] : [last])];
  const { violation, index } = met;
  return { kind: 'flaky', flaky: { violation, index, steps, runs, again: { shown, of }, cost: { ...cost } } };
}
