import type { Step } from '../../../models/operation.ts';
import { operationsOf } from '../run/run.ts';
import type { Stage } from '../schedule/slots.ts';
import {
  alikeViolation,
  type Confirmations,
  type Confirmed,
  confirm,
  exactly,
  measuredRate,
  measuring,
  rateOf,
  type Sought,
  showsIt,
} from '../session/confirm.ts';
import { type Limits, meter } from '../session/meter.ts';
import type { Cost, Phase } from '../session/session.ts';
import type { Model, Run, Violation } from '../types.ts';
import type { Gate } from './accept.ts';
import { executed } from './repair.ts';
import { frugal, shrink, thorough } from './shrink.ts';

type Attempt<W, S> = (steps: readonly Step[]) => Promise<Run<W, S>>;

/** Where a violation is repeated and shrunk. */
export interface ShrinkContext<W, S, H> {
  readonly model: Model<W, S, H>;
  /** On the machine under test, fresh each time. */
  attempt(steps: readonly Step[], phase: Phase): Promise<Run<W, S>>;
  readonly simulate?: Attempt<W, S> | undefined;
  readonly deterministic: boolean;
  readonly confirmations: Confirmations;
  readonly shrinking: Limits;
  stopped(): boolean;
  onPhase(phase: Phase, about: string): void;
  /** A run that showed another violation on the way, and where. */
  onOther(run: Run<W, S>, seenOn: 'machine' | 'simulator'): void;
}

/** A run that showed a violation. */
export interface MetViolation<W, S> {
  readonly run: Run<W, S>;
  readonly violation: Violation;
  readonly index: number;
  /** If absent, the walks. */
  readonly stage?: Stage;
  readonly foundAfter: number;
  /** The reason given for it differs from run to run, so it does not count in the comparison. */
  readonly vague?: true;
  /** Where it showed; by default on the machine. */
  readonly seenOn?: 'machine' | 'simulator';
}

/** What counts as the violation while it is shrunk. */
const soughtIn = ({ violation, vague }: Pick<MetViolation<unknown, unknown>, 'violation' | 'vague'>): Sought =>
  vague ? alikeViolation(violation) : exactly(violation.signature);

/** What is spent on one violation. */
export type Spent = { -readonly [key in keyof Cost]: Cost[key] };

/** The shortest sequence, and whether it showed again. */
export interface Short<W, S, H> {
  readonly open: Gate<W, S, H>;
  readonly steps: readonly Step[];
  readonly run: Run<W, S>;
  readonly confirmed: Confirmed<W, S>;
}

/** The violation, shrunk on the simulator if it shows the same, and confirmed on the machine; undefined if either fails. */
export async function onSimulator<W, S, H>(
  bench: ShrinkContext<W, S, H>,
  met: MetViolation<W, S>,
  spent: Spent,
): Promise<Short<W, S, H> | undefined> {
  const { signature } = met.violation;
  const { simulate } = bench;
  if (simulate === undefined) return undefined;
  bench.onPhase('simulate', signature);
  const attempt = tallied(simulate, operations => {
    spent.simulated += operations;
  });
  const run = await attempt(executed(met.run));
  // A simulated program may word its reason differently.
  if (run.verdict.kind !== 'violated' || !showsIt(run, alikeViolation(met.violation))) return undefined;
  const shown = run.verdict.violation;
  const sought = soughtIn({ ...met, violation: shown });
  const open = await shrink({ model: bench.model, signature: shown.signature, sought, run, attempt }, thorough);
  bench.onPhase('confirm', signature);
  const real = counted(bench, 'confirm', spent, 'confirming');
  const confirmed = await confirm(open.best, alikeViolation(met.violation), { need: 1, of: 1 }, real);
  return confirmed.run && { open, steps: open.best, run: confirmed.run, confirmed };
}

/** The violation, shrunk on the machine. If the shortest sequence does not show it again, the one before may. */
export async function onMachine<W, S, H>(
  bench: ShrinkContext<W, S, H>,
  met: MetViolation<W, S>,
  spent: Spent,
  rate: number,
): Promise<Short<W, S, H>> {
  const open = await shrunk(bench, met, spent, rate);
  const short = await firstThatShows(bench, met, open, spent, rate);
  if (rate < 1 || short.confirmed.held === 0 || bench.stopped()) return short;
  // It does come and go: a candidate that held once may still show it.
  const less = rateOf({ shown: 1 + short.confirmed.shown, held: short.confirmed.held });
  return firstThatShows(bench, met, await shrunk(bench, { ...met, run: open.run }, spent, less), spent, less);
}

function shrunk<W, S, H>(
  bench: ShrinkContext<W, S, H>,
  met: MetViolation<W, S>,
  spent: Spent,
  rate: number,
): Promise<Gate<W, S, H>> {
  const { run, violation } = met;
  const { signature } = violation;
  bench.onPhase('shrink', signature);
  const { operations } = bench.shrinking;
  // The more rarely it shows, the more often each candidate is tried.
  const limit = meter({ ...bench.shrinking, ...(operations !== undefined && { operations: operations / rate }) });
  const attempt = tallied(counted(bench, 'shrink', spent, 'shrinking'), limit.spend);
  const enough = (): string | undefined => (bench.stopped() ? 'stopped' : limit.enough());
  const how = bench.deterministic ? thorough : frugal;
  return shrink({ model: bench.model, signature, sought: soughtIn(met), run, rate, attempt, enough }, how);
}

async function firstThatShows<W, S, H>(
  bench: ShrinkContext<W, S, H>,
  { violation }: MetViolation<W, S>,
  open: Gate<W, S, H>,
  spent: Spent,
  rate: number,
): Promise<Short<W, S, H>> {
  const candidates = [...open.bests.slice(-3).reverse(), ...open.bests.slice(0, 1)];
  let short: Short<W, S, H> | undefined;
  for (const run of new Set(candidates)) {
    const steps = executed(run);
    const confirmed = await confirmedOnMachine(bench, steps, violation, spent, rate);
    short = { open, steps, run: confirmed.run ?? run, confirmed };
    // One that comes and goes is repeated more often; one that never shows again was seen by chance.
    const isRace = rate === 1 && confirmed.shown > 1 && confirmed.held > 0;
    if (confirmed.enough || isRace || bench.stopped()) break;
  }
  return short as Short<W, S, H>;
}

/** The run that made the sequence the shortest was just made: it counts if it showed the violation again. */
async function confirmedOnMachine<W, S, H>(
  bench: ShrinkContext<W, S, H>,
  steps: readonly Step[],
  violation: Violation,
  spent: Spent,
  rate: number,
): Promise<Confirmed<W, S>> {
  bench.onPhase('confirm', violation.signature);
  const real = counted(bench, 'confirm', spent, 'confirming');
  if (rate < 1) return measuredRate(steps, alikeViolation(violation), measuring.short, real);
  // Every run begins with a violation of the start: it has been seen twice by now.
  const { need, of } = steps.length === 0 ? { need: 2, of: 5 } : bench.confirmations;
  const all = await confirm(
    steps,
    alikeViolation(violation),
    { need: Math.max(1, need - 1), of: Math.max(1, of - 1) },
    real,
  );
  return all.of === 0 ? all : { ...all, shown: all.shown + 1, of: all.of + 1 };
}

function tallied<W, S>(attempt: Attempt<W, S>, tally: (operations: number) => void): Attempt<W, S> {
  return async steps => {
    const run = await attempt(steps);
    tally(operationsOf(run));
    return run;
  };
}

/** Attempts on the machine, with their operations entered under their purpose. */
export const counted = <W, S, H>(
  bench: ShrinkContext<W, S, H>,
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
