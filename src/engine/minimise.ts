import type { Step } from '../../models/operation.ts';
import type { Gate } from './accept.ts';
import { type Confirmations, type Confirmed, confirm, shows } from './confirm.ts';
import { explain } from './explain.ts';
import { type Limits, meter } from './meter.ts';
import { executed, repaired } from './repair.ts';
import { operationsOf } from './run.ts';
import type { Cost, Finding, Flaky, Phase } from './session.ts';
import { frugal, shrink, thorough } from './shrink.ts';
import type { Model, Run, Violation } from './types.ts';

type Attempt<W, S> = (steps: readonly Step[]) => Promise<Run<W, S>>;

/** Where a violation is asked for again and made short. */
export interface Workbench<W, S, H> {
  readonly model: Model<W, S, H>;
  /** On the machine under test, fresh each time. */
  attempt(steps: readonly Step[], phase: Phase): Promise<Run<W, S>>;
  readonly simulate?: Attempt<W, S> | undefined;
  readonly deterministic: boolean;
  readonly confirmations: Confirmations;
  readonly shrinking: Limits;
  stopped(): boolean;
  onPhase(phase: Phase, about: string): void;
  /** A run that showed another violation on the way. */
  onOther(run: Run<W, S>): void;
}

/** A run that showed a violation. */
export interface Met<W, S> {
  readonly run: Run<W, S>;
  readonly violation: Violation;
  readonly index: number;
  readonly foundAfter: number;
}

/** What came of it. */
export type Minimised<W, S> =
  | { readonly kind: 'finding'; readonly finding: Finding<W, S> }
  | { readonly kind: 'flaky'; readonly flaky: Flaky<W, S> };

type Spent = { -readonly [key in keyof Cost]: Cost[key] };

/** Asks for the violation again; where it shows, makes it short and asks for the short one. */
export async function minimise<W, S, H>(bench: Workbench<W, S, H>, met: Met<W, S>): Promise<Minimised<W, S>> {
  const { signature } = met.violation;
  const spent: Spent = { confirming: 0, shrinking: 0, simulated: 0 };
  const steps = executed(met.run);
  const real = counted(bench, 'confirm', spent, 'confirming');
  bench.onPhase('confirm', signature);
  const again = await confirm(steps, signature, { need: 1, of: 1 }, real);
  if (!again.enough && !bench.stopped()) {
    if (again.last !== undefined) bench.onOther(again.last);
    return flaky(met, steps, spent, again.last);
  }
  const [short, shrunkOn] = (await onSimulator(bench, met, spent)) ?? (await onMachine(bench, met, spent));
  for (const run of short.open.others.values()) if (shrunkOn === 'machine') bench.onOther(run);
  if (!short.confirmed.enough && !bench.stopped()) return flaky(met, steps, spent, again.run, short.confirmed.last);
  return { kind: 'finding', finding: findingOf(bench, met, short, shrunkOn, spent) };
}

interface Short<W, S, H> {
  readonly open: Gate<W, S, H>;
  readonly steps: readonly Step[];
  readonly run: Run<W, S>;
  readonly confirmed: Confirmed<W, S>;
}

/** Shrunk on the simulator, where it shows the same, and confirmed on the machine; undefined where either fails. */
async function onSimulator<W, S, H>(
  bench: Workbench<W, S, H>,
  met: Met<W, S>,
  spent: Spent,
): Promise<readonly [Short<W, S, H>, 'simulator'] | undefined> {
  const { signature } = met.violation;
  const { simulate } = bench;
  if (simulate === undefined) return undefined;
  bench.onPhase('simulate', signature);
  const attempt = tallied(simulate, operations => {
    spent.simulated += operations;
  });
  const run = await attempt(executed(met.run));
  if (!shows(run, signature)) return undefined;
  const open = await shrink({ model: bench.model, signature, run, attempt }, thorough);
  const confirmed = await confirmedOnMachine(bench, open.best, signature, spent);
  return confirmed.enough && confirmed.run !== undefined
    ? [{ open, steps: open.best, run: confirmed.run, confirmed }, 'simulator']
    : undefined;
}

/** Shrunk on the machine; where the shortest does not show again, the one before it may. */
async function onMachine<W, S, H>(
  bench: Workbench<W, S, H>,
  met: Met<W, S>,
  spent: Spent,
): Promise<readonly [Short<W, S, H>, 'machine']> {
  const { signature } = met.violation;
  bench.onPhase('shrink', signature);
  const limit = meter(bench.shrinking);
  const attempt = tallied(counted(bench, 'shrink', spent, 'shrinking'), limit.spend);
  const enough = (): string | undefined => (bench.stopped() ? 'stopped' : limit.enough());
  const how = bench.deterministic ? thorough : frugal;
  const open = await shrink({ model: bench.model, signature, run: met.run, attempt, enough }, how);
  const candidates = [...open.bests.slice(-3).reverse(), ...open.bests.slice(0, 1)];
  let short: Short<W, S, H> | undefined;
  for (const run of new Set(candidates)) {
    const steps = executed(run);
    const confirmed = await confirmedOnMachine(bench, steps, signature, spent);
    short = { open, steps, run: confirmed.run ?? run, confirmed };
    if (confirmed.enough || bench.stopped()) break;
  }
  return [short as Short<W, S, H>, 'machine'];
}

function confirmedOnMachine<W, S, H>(
  bench: Workbench<W, S, H>,
  steps: readonly Step[],
  signature: string,
  spent: Spent,
): Promise<Confirmed<W, S>> {
  bench.onPhase('confirm', signature);
  return confirm(steps, signature, bench.confirmations, counted(bench, 'confirm', spent, 'confirming'));
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

function tallied<W, S>(attempt: Attempt<W, S>, tally: (operations: number) => void): Attempt<W, S> {
  return async steps => {
    const run = await attempt(steps);
    tally(operationsOf(run));
    return run;
  };
}

const counted = <W, S, H>(bench: Workbench<W, S, H>, phase: Phase, spent: Spent, what: keyof Cost): Attempt<W, S> =>
  tallied(
    steps => bench.attempt(steps, phase),
    operations => {
      spent[what] += operations;
    },
  );
