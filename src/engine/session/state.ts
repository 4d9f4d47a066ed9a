import type { Crashed } from '../run/crash.ts';
import { operationsOf, stopWords } from '../run/run.ts';
import { reached } from '../schedule/goals.ts';
import type { Place, Stage } from '../schedule/slots.ts';
import type { MetViolation } from '../shrink/violation.ts';
import type { Run } from '../types.ts';
import { type Coverage, covered, uncovered } from './coverage.ts';
import type { Cost, Finding, Flaky, Session, SessionCrash, SessionOptions } from './session.ts';

/** A session as far as it has come: the only part of it that changes. */
export interface SessionState<W, S> {
  readonly begun: number;
  /** Index of the last plan and of the next one, among those of all stages. */
  readonly last: number;
  slot: number;
  /** Number of the next walk. */
  next: number;
  /** The plan that was judged last. */
  place: Place;
  /** The place after it. */
  goOn: Place;
  readonly stages: Record<Stage, number>;
  readonly goals: Set<string>;
  /** Which goals a run has reached. */
  readonly reachedBy: (run: Pick<Run<W, S>, 'history'>) => readonly string[];
  runs: number;
  operations: number;
  discarded: number;
  done: number;
  /** Runs in a row without a verdict. */
  streak: number;
  coverage: Coverage;
  /** Signatures that are not shrunk again. */
  readonly signatures: Set<string>;
  readonly known: Record<string, number>;
  readonly findings: Finding<W, S>[];
  readonly flaky: Flaky<W, S>[];
  readonly inconclusive: Session<W, S>['inconclusive'][number][];
  readonly crashes: SessionCrash[];
  ended?: string;
}

/** Nothing was done so far. */
export function newSessionState<W, S, H>(options: SessionOptions<W, S, H>): SessionState<W, S> {
  const { from = 0, budget, begun = Date.now() } = options;
  const bounded = budget?.operations !== undefined || budget?.seconds !== undefined;
  const runs = options.runs ?? (bounded ? Number.MAX_SAFE_INTEGER - from : 100);
  return {
    begun,
    last: runs - 1,
    slot: 0,
    next: from,
    place: { stage: 'walks', number: from },
    goOn: { stage: options.before?.[0]?.stage ?? 'walks', number: options.before?.[0]?.from ?? from },
    stages: { suspects: 0, neighbours: 0, differences: 0, walks: 0 },
    goals: new Set(),
    reachedBy: reached(options.model),
    runs: 0,
    operations: 0,
    discarded: 0,
    done: 0,
    streak: 0,
    coverage: uncovered(options.model),
    signatures: new Set(options.known),
    known: {},
    findings: [],
    flaky: [],
    inconclusive: [],
    crashes: [],
    ...(runs > 0 ? {} : { ended: 'no run was asked for' }),
  };
}

/** Enters a run, in its turn; returns its violation if that is not known yet. */
export function enter<W, S, H>(
  options: SessionOptions<W, S, H>,
  book: SessionState<W, S>,
  place: Place,
  run: Run<W, S>,
): MetViolation<W, S> | undefined {
  book.place = place;
  const limit = options.budget?.operations ?? Number.POSITIVE_INFINITY;
  const left = limit - book.operations;
  const stopped = run.verdict.kind === 'inconclusive' && run.verdict.cause === 'stopped';
  // A run begun ahead of its turn may have gone on after the budget was spent: the rest of it is not counted.
  const over = operationsOf(run) > left;
  if (over) book.discarded += operationsOf(run) - left;
  if (over || stopped) return enterCut(options, book, over ? cut(run, left) : run);
  count(options, book, run);
  const met = weighed(options, book, run);
  if (book.slot > book.last) book.ended = allRun(book.runs);
  if (book.operations >= limit) book.ended = spentWords(options);
  if (book.streak >= (options.patience ?? 5)) book.ended = sickWords(book);
  return met;
}

/** Enters a run that was stopped half-way: its operations count, and it has no verdict. */
function enterCut<W, S, H>(options: SessionOptions<W, S, H>, book: SessionState<W, S>, run: Run<W, S>): undefined {
  book.ended = options.signal?.aborted ? stopWords(options.signal) : spentWords(options);
  if (operationsOf(run) > 0) count(options, book, run);
}

function count<W, S, H>(options: SessionOptions<W, S, H>, book: SessionState<W, S>, run: Run<W, S>): void {
  const { stage, number } = book.place;
  book.goOn = { stage, number: number + 1 };
  book.slot++;
  if (stage === 'walks') book.next = number + 1;
  book.runs++;
  book.stages[stage]++;
  book.operations += operationsOf(run);
  book.coverage = covered(book.coverage, run);
  for (const goal of book.reachedBy(run)) book.goals.add(goal);
  options.hooks?.onRun?.(number, run, stage);
}

/** The run as if it had been stopped after this number of operations. */
function cut<W, S>(run: Run<W, S>, operations: number): Run<W, S> {
  let done = 0;
  const end = run.taken.findIndex(taken => !taken.skipped && ++done === operations);
  const verdict = { kind: 'inconclusive', at: end + 1, cause: 'stopped', reason: 'the budget is spent' } as const;
  return { verdict, taken: run.taken.slice(0, end + 1), history: run.history.slice(0, operations) };
}

function weighed<W, S, H>(
  options: SessionOptions<W, S, H>,
  book: SessionState<W, S>,
  run: Run<W, S>,
): MetViolation<W, S> | undefined {
  const { verdict } = run;
  const { number: index, stage } = book.place;
  if (verdict.kind === 'inconclusive') {
    book.streak++;
    if (run.crash !== undefined) enterCrash(options, book, run.crash);
    else book.inconclusive.push({ index, reason: verdict.reason, cause: verdict.cause ?? 'machine' });
    return undefined;
  }
  book.streak = 0;
  if (verdict.kind === 'held') return undefined;
  const { violation } = verdict;
  if (!book.signatures.has(violation.signature)) return { run, violation, index, stage, foundAfter: book.operations };
  book.known[violation.signature] = (book.known[violation.signature] ?? 0) + 1;
  if (violation.at < 0) book.ended = wrongStart;
  return undefined;
}

/** Enters a failure of stackfuzz itself. */
export function enterCrash<W, S, H>(
  options: SessionOptions<W, S, H>,
  book: SessionState<W, S>,
  crashed: Crashed,
): void {
  const { number: index, stage } = book.place;
  const crash = { index, ...(stage === 'walks' ? {} : { stage }), ...crashed };
  book.crashes.push(crash);
  options.hooks?.onCrash?.(crash);
}

/** Why a session ends if every run begins with the same violation. */
export const wrongStart = 'the first rebuild breaks a promise by itself, and every run begins with it';

/** That every plan was run, in words. */
export const allRun = (plans: number): string => (plans === 1 ? 'its one plan was run' : `all ${plans} plans were run`);

const spentWords = <W, S, H>({ budget }: SessionOptions<W, S, H>): string => {
  const bounds = [
    ...(budget?.operations === undefined ? [] : [`${budget.operations} operations`]),
    ...(budget?.seconds === undefined ? [] : [`${budget.seconds} seconds`]),
  ];
  return `the budget of ${bounds.join(' or ')} is spent`;
};

const sickWords = <W, S>(book: SessionState<W, S>): string =>
  `${book.streak} runs in a row were inconclusive; the last: ${lastReason(book)}`;

const lastReason = <W, S>({ crashes, inconclusive }: SessionState<W, S>): string => {
  const [crash, other] = [crashes.at(-1), inconclusive.at(-1)];
  return (crash?.index ?? -1) > (other?.index ?? -1) ? `${crash?.message}` : `${other?.reason}`;
};

/** The result of the session. */
export function sessionOf<W, S>(book: SessionState<W, S>): Session<W, S> {
  const { findings, flaky, inconclusive, crashes, known, runs, operations, stages, discarded, done, coverage, next } =
    book;
  const cost = [...findings, ...flaky].reduce((sum, { cost }) => added(sum, cost), {
    confirming: 0,
    shrinking: 0,
    simulated: 0,
  });
  const ended = book.ended ?? 'it was not finished';
  const goals = [...book.goals].sort();
  const counts = { runs, operations, stages, cost, discarded, done, coverage, goals };
  const { goOn } = book;
  return { findings, flaky, inconclusive, crashes, known, ...counts, next, goOn, ended };
}

const added = (one: Cost, other: Cost): Cost => ({
  confirming: one.confirming + other.confirming,
  shrinking: one.shrinking + other.shrinking,
  simulated: one.simulated + other.simulated,
});
