import fc from 'fast-check';
import { numbered } from '../plan/arbitrary.ts';
import { type Drawn, planning } from '../plan/plan.ts';
import { Crash, crashedAt } from '../run/crash.ts';
import { guarded } from '../run/guarded.ts';
import { fruitless, operationsOf } from '../run/run.ts';
import { type Slots, slots } from '../schedule/slots.ts';
import { explanationOf } from '../shrink/explain.ts';
import { executed } from '../shrink/repair.ts';
import { type ShrinkResult, shrinkViolation } from '../shrink/shrink-violation.ts';
import type { MetViolation } from '../shrink/violation.ts';
import type { Run } from '../types.ts';
import { type Launched, leftOf, machinesOf, type SessionMachines } from './machines.ts';
import { type Ahead, ahead } from './pool.ts';
import type { Session, SessionOptions } from './session.ts';
import { allRun, enter, enterCrash, newSessionState, type SessionState, sessionOf, wrongStart } from './state.ts';

/** How often a violation that did not show again is repeated later, before it is only counted. */
const flakyTries = 3;

/**
 * Runs plan after plan, until the runs or the budget are spent, or too many runs have no verdict. What is found is confirmed,
 * shrunk, and confirmed again. Plans are judged in their order, for any number of machines. If stackfuzz itself fails, that is
 * entered as a crash, and the session goes on.
 */
export async function find<W, S, H>(given: SessionOptions<W, S, H>): Promise<Session<W, S>> {
  const options = { ...given, ...(given.hooks && { hooks: guarded(given.hooks) }) };
  const book = newSessionState(options);
  const others: Other<W, S>[] = [];
  const machines = machinesOf(options, book, (run, seenOn) => others.push({ run, seenOn }));
  const { model, seed, size, signal } = options;
  const spent = leftOf(options, book);
  const isOver = (): boolean => signal?.aborted === true || spent.enough() !== undefined;
  const walk = (number: number): Promise<Drawn> => planning(model, seed, number, size, isOver);
  const order = slots(options.before ?? [], options.walks === false ? null : walk, book.next);
  const begin = async (index: number): Promise<Launched<W, S> | null> => {
    const slot = await order.at(index);
    if (slot === null) return null;
    const { steps, crash } = slot;
    return crash === undefined ? machines.launch(slot) : { steps, knew: book.signatures.size, run: fruitless(crash) };
  };
  const queue = ahead(begin, options.machines.length, book.last);
  try {
    while (book.ended === undefined) {
      const met = await untilMet(options, book, queue, machines, order);
      if (met !== undefined) await lookInto(options, book, machines, met, others);
    }
  } finally {
    // Runs begun ahead are waited for: nothing may use a machine after the session.
    order.close();
    for (const begun of await queue.rest()) book.discarded += begun === null ? 0 : operationsOf(begun.run);
  }
  return sessionOf(book);
}

/** Ends a call of fc.check: a violation was met that has to be shrunk, or the session is over. */
class Pause extends Error {
  override readonly name = 'Pause';
}

/** fast-check draws the plans and runs them one after the other; it never shrinks them. */
async function untilMet<W, S, H>(
  options: SessionOptions<W, S, H>,
  book: SessionState<W, S>,
  queue: Ahead<Launched<W, S> | null>,
  machines: SessionMachines<W, S, H>,
  order: Slots<W, S>,
): Promise<MetViolation<W, S> | undefined> {
  let met: MetViolation<W, S> | undefined;
  const plans = numbered(order.at, book.slot);
  const property = fc.asyncProperty(plans, async ({ index, steps: plan }) => {
    const [slot, begun] = [await plan, await queue.take(index)];
    if (slot === null || begun === null) {
      book.ended ??= allRun(book.runs);
      throw new Pause();
    }
    const { run } = slot.crash === undefined ? await machines.renewed(slot, begun) : begun;
    met = enter(options, book, slot, run);
    order.judged(index, run);
    if (met !== undefined || book.ended !== undefined) throw new Pause();
  });
  const details = await fc.check(property, { seed: options.seed, numRuns: 2 ** 31 - 1, endOnFailure: true });
  if (details.errorInstance instanceof Pause) return met;
  throw details.errorInstance;
}

/** A run that showed another violation than the one being shrunk, and where it ran. */
interface Other<W, S> {
  readonly run: Run<W, S>;
  readonly seenOn: 'machine' | 'simulator';
}

/** Shrinks a violation, and then those that were met meanwhile. */
async function lookInto<W, S, H>(
  options: SessionOptions<W, S, H>,
  book: SessionState<W, S>,
  machines: SessionMachines<W, S, H>,
  first: MetViolation<W, S>,
  others: Other<W, S>[],
): Promise<void> {
  for (let met: MetViolation<W, S> | undefined = first; met !== undefined; met = nextOf(book, first, others)) {
    if (enoughFound(options, book)) break;
    const result = await shrunkViolation(options, book, machines, met);
    if (result.kind === 'flaky') {
      const { flaky } = result;
      book.flaky.push(flaky);
      const times = book.flaky.filter(one => one.violation.signature === flaky.violation.signature).length;
      if (times >= flakyTries) book.signatures.add(flaky.violation.signature);
      options.hooks?.onFlaky?.(flaky);
    } else if (result.kind === 'finding') {
      book.findings.push(result.finding);
      book.signatures.add(met.violation.signature).add(result.finding.violation.signature);
      options.hooks?.onFinding?.(result.finding);
      if (result.finding.steps.length === 0) book.ended = wrongStart;
    }
  }
  if (enoughFound(options, book)) book.ended ??= `${book.findings.length} findings are enough`;
}

/** The violation, shrunk; as it was met if the model throws meanwhile, so that it is not lost. */
async function shrunkViolation<W, S, H>(
  options: SessionOptions<W, S, H>,
  book: SessionState<W, S>,
  machines: SessionMachines<W, S, H>,
  met: MetViolation<W, S>,
): Promise<ShrinkResult<W, S>> {
  try {
    return await shrinkViolation(machines, met);
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    const steps = executed(met.run);
    enterCrash(options, book, crashedAt(steps, error));
    if (met.seenOn === 'simulator') return { kind: 'simulated' };
    const { violation, run, index, foundAfter } = met;
    const stage = met.stage === undefined || met.stage === 'walks' ? {} : { stage: met.stage };
    const asMet = { violation, run, index, ...stage, foundAfter, steps, original: steps, shrunkOn: 'machine' } as const;
    const unasked = { confirmed: { shown: 1, of: 1 }, cost: { confirming: 0, shrinking: 0, simulated: 0 } };
    const explanation = explanationOf(steps, [], all => all);
    return { kind: 'finding', finding: { ...asMet, ...unasked, explanation } };
  }
}

const enoughFound = <W, S, H>(options: SessionOptions<W, S, H>, book: SessionState<W, S>): boolean =>
  book.findings.length >= (options.findings ?? Number.POSITIVE_INFINITY);

/** The next violation that was met while shrinking and is not known yet. */
function nextOf<W, S>(
  book: SessionState<W, S>,
  first: MetViolation<W, S>,
  others: Other<W, S>[],
): MetViolation<W, S> | undefined {
  for (let other = others.shift(); other !== undefined; other = others.shift()) {
    const { run, seenOn } = other;
    if (run.verdict.kind !== 'violated') continue;
    const { violation } = run.verdict;
    const unsteady = book.flaky.some(one => one.violation.signature === violation.signature);
    if (book.signatures.has(violation.signature) || unsteady) continue;
    const { index, stage, foundAfter } = first;
    return { run, violation, index, ...(stage && { stage }), foundAfter, seenOn };
  }
  return undefined;
}
