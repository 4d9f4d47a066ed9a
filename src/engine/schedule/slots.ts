import type { Step } from '../../../models/operation.ts';
import type { Drawn } from '../plan/plan.ts';
import { Crash, crashedAt } from '../run/crash.ts';
import type { Run } from '../types.ts';

/**
 * The stages of a session, in their order: sequences that broke a promise anywhere, neighbours of those, what was never tried
 * on such a machine, and random walks.
 */
export const stages = ['suspects', 'neighbours', 'differences', 'walks'] as const;
export type Stage = (typeof stages)[number];

/** Hands out the plans of a stage, a few at a time: the next ones may depend on the runs of those before. */
export interface Feeder<W, S> {
  readonly stage: Exclude<Stage, 'walks'>;
  /** Number of its first plan; 0 if absent. */
  readonly from?: number;
  /**
   * The next plans, each made when it is wanted; none at the end. It is given the runs of the plans that it handed out last, in
   * their order.
   */
  more(runs: readonly Run<W, S>[]): AsyncIterable<readonly Step[]> | Iterable<readonly Step[]>;
}

/** The place of a plan: its stage, and its number there. */
export interface Place {
  readonly stage: Stage;
  readonly number: number;
}

/** A plan with its place. */
export type Slot = Drawn & Place;

/** The plans of a session in the order in which they are judged. */
export interface Slots<W, S> {
  /** The plan with this index; null after the end. */
  at(index: number): Promise<Slot | null>;
  /** The run of this index was judged. */
  judged(index: number, run: Run<W, S>): void;
  /** Nothing more is judged: whoever waits for a plan gets null. */
  close(): void;
}

/** How many plans before the current one may still be asked for: only a few machines are ahead. */
const kept = 64;

/**
 * The plans of the feeders, then the walks from a number on; without walks it ends with the feeders. A feeder is asked for more
 * only after everything before was judged, so the order is the same for any number of machines.
 */
export function slots<W, S>(
  feeders: readonly Feeder<W, S>[],
  walk: ((number: number) => Promise<Drawn>) | null,
  from: number,
): Slots<W, S> {
  const known = new Map<number, Slot>();
  const runs = new Map<number, Run<W, S>>();
  const left = [...feeders];
  let batch: Iterator<readonly Step[]> | AsyncIterator<readonly Step[]> | null = null;
  /** Index of the next plan, and of the first one of the last batch; numbers within their stages. */
  let next = 0;
  let batchFrom = 0;
  let number = feeders[0]?.from ?? 0;
  let walks = from;
  let closed = false;
  let judged = 0;
  let tell: (() => void) | undefined;

  const allJudged = async (): Promise<void> => {
    while (!closed && judged < next)
      await new Promise<void>(resolve => {
        tell = resolve;
      });
  };
  const add = (slot: Slot): void => {
    known.set(next, slot);
    known.delete(next - kept);
    next++;
  };
  const done = (): void => {
    left.shift();
    batch = null;
    number = left[0]?.from ?? 0;
  };
  /** Asks a feeder for more, after all plans that it handed out were judged. One that has none left is finished. */
  const refilled = async (feeder: Feeder<W, S>): Promise<readonly Step[] | null> => {
    await allJudged();
    if (closed) return null;
    const last = Array.from({ length: next - batchFrom }, (_, at) => runs.get(batchFrom + at) as Run<W, S>);
    runs.clear();
    batchFrom = next;
    const more = feeder.more(last);
    batch = Symbol.asyncIterator in more ? more[Symbol.asyncIterator]() : more[Symbol.iterator]();
    const one = await batch.next();
    if (!one.done) return one.value;
    done();
    return null;
  };
  const nextOf = async (feeder: Feeder<W, S>): Promise<Slot | null> => {
    const place = { stage: feeder.stage, number };
    try {
      const one = await batch?.next();
      const steps = one === undefined || one.done ? await refilled(feeder) : one.value;
      if (steps === null) return null;
      number++;
      return { ...place, steps };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      // A feeder that throws is finished: what it knew of its plans is lost.
      done();
      return { ...place, steps: [], crash: crashedAt([], error) };
    }
  };
  const planTo = async (index: number): Promise<Slot | null> => {
    while (next <= index && !closed) {
      const [feeder] = left;
      if (feeder !== undefined) {
        const slot = await nextOf(feeder);
        if (slot !== null) add(slot);
      } else if (walk === null) return null;
      else add({ stage: 'walks', number: walks, ...(await walk(walks++)) });
    }
    return known.get(index) ?? null;
  };
  let turn: Promise<unknown> = Promise.resolve();
  const asked = new Map<number, Promise<Slot | null>>();
  return {
    at(index) {
      // Plans that are there must not wait behind requests for later ones.
      if (index < next) return Promise.resolve(known.get(index) ?? null);
      const before = asked.get(index);
      // Nor behind requests for what comes after them, which wait until they are judged.
      if (before !== undefined) return before;
      const mine = turn.then(() => planTo(index)).finally(() => asked.delete(index));
      asked.set(index, mine);
      turn = mine.catch(() => undefined);
      return mine;
    },
    judged(index, run) {
      if (left.length > 0) runs.set(index, run);
      judged = index + 1;
      tell?.();
    },
    close() {
      closed = true;
      tell?.();
    },
  };
}
