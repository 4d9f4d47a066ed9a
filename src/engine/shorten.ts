import type { Step } from '../../models/operation.ts';
import type { Gate } from './accept.ts';
import { alike, type Confirmations, type Confirmed, confirm, exactly, type Sought, shows } from './confirm.ts';
import { type Limits, meter } from './meter.ts';
import { executed } from './repair.ts';
import { operationsOf } from './run.ts';
import type { Cost, Phase } from './session.ts';
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
  /** The reason given for it differs from run to run, so that it is no part of what is asked for. */
  readonly vague?: true;
}

/** What counts as the violation while it is made short. */
const soughtIn = ({ violation, vague }: Pick<Met<unknown, unknown>, 'violation' | 'vague'>): Sought =>
  vague ? alike(violation) : exactly(violation.signature);

/** What is spent on one violation. */
export type Spent = { -readonly [key in keyof Cost]: Cost[key] };

/** The shortest sequence, and whether it showed again. */
export interface Short<W, S, H> {
  readonly open: Gate<W, S, H>;
  readonly steps: readonly Step[];
  readonly run: Run<W, S>;
  readonly confirmed: Confirmed<W, S>;
}

/** Shrunk on the simulator, where it shows the same, and confirmed on the machine; undefined where either fails. */
export async function onSimulator<W, S, H>(
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
  // What a simulated program gives as a reason may be worded in another way.
  if (run.verdict.kind !== 'violated' || !shows(run, alike(met.violation))) return undefined;
  const shown = run.verdict.violation;
  const sought = soughtIn({ ...met, violation: shown });
  const open = await shrink({ model: bench.model, signature: shown.signature, sought, run, attempt }, thorough);
  const confirmed = await confirmedOnMachine(bench, open.best, met.violation, spent);
  return confirmed.enough && confirmed.run !== undefined
    ? [{ open, steps: open.best, run: confirmed.run, confirmed }, 'simulator']
    : undefined;
}

/** Shrunk on the machine; where the shortest does not show again, the one before it may. */
export async function onMachine<W, S, H>(
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
  const open = await shrink(
    { model: bench.model, signature, sought: soughtIn(met), run: met.run, attempt, enough },
    how,
  );
  const candidates = [...open.bests.slice(-3).reverse(), ...open.bests.slice(0, 1)];
  let short: Short<W, S, H> | undefined;
  for (const run of new Set(candidates)) {
    const steps = executed(run);
    const confirmed = await confirmedOnMachine(bench, steps, met.violation, spent);
    short = { open, steps, run: confirmed.run ?? run, confirmed };
    if (confirmed.enough || bench.stopped()) break;
  }
  return [short as Short<W, S, H>, 'machine'];
}

function confirmedOnMachine<W, S, H>(
  bench: Workbench<W, S, H>,
  steps: readonly Step[],
  violation: Violation,
  spent: Spent,
): Promise<Confirmed<W, S>> {
  bench.onPhase('confirm', violation.signature);
  return confirm(steps, alike(violation), bench.confirmations, counted(bench, 'confirm', spent, 'confirming'));
}

function tallied<W, S>(attempt: Attempt<W, S>, tally: (operations: number) => void): Attempt<W, S> {
  return async steps => {
    const run = await attempt(steps);
    tally(operationsOf(run));
    return run;
  };
}

/** Attempts on the machine, with their operations entered under what they are spent on. */
export const counted = <W, S, H>(
  bench: Workbench<W, S, H>,
  phase: Phase,
  spent: Spent,
  what: keyof Cost,
): Attempt<W, S> =>
  tallied(
    steps => bench.attempt(steps, phase),
    operations => {
      spent[what] += operations;
    },
  );
