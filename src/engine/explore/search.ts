import type { Batch, From, Went } from './expand.ts';
import { isSimpler, type MetState, type Path } from './met.ts';
import { type States, states } from './states.ts';

/** Expands states: in this thread, or in others. */
export interface Crew {
  /** Number of batches that it takes at once: those in work, and those that wait. */
  readonly size: number;
  begin(left: number): Promise<Batch>;
  expand(from: readonly From[], left: number): Promise<Batch>;
  close(): Promise<void>;
}

/** A crew of one, in this thread. */
export const alone = (expander: Pick<Crew, 'begin' | 'expand'>): Crew => ({
  size: 1,
  begin: left => expander.begin(left),
  expand: (from, left) => expander.expand(from, left),
  close: async () => {},
});

/** How far a search has come, with everything that is needed to continue. */
export interface ExploreStanding {
  /** Index of the first state of each depth; states of the last depth are counted, but not kept. */
  readonly begins: readonly number[];
  /** For each state: the state that it was first reached from, the step, and the rank of its arguments. */
  readonly parents: Uint32Array;
  readonly steps: Uint16Array;
  readonly costs: Uint16Array;
  /** Hashes of all states. */
  readonly seen: Int32Array;
  /** Index of the next state to be expanded. */
  readonly next: number;
  /** By depth: states first reached there, and steps made from the depth before. */
  readonly levels: readonly Level[];
  readonly met: readonly MetState[];
  readonly went: Readonly<Record<string, Went>>;
  readonly reached: readonly string[];
  readonly recoverySteps: number;
}

export interface Level {
  readonly states: number;
  readonly transitions: number;
}

/** The result of a search. */
export interface ExploreOutcome {
  readonly standing: ExploreStanding;
  readonly ended: 'complete' | 'stopped' | 'full';
}

export interface SearchOptions {
  readonly depth: number;
  readonly crew: Crew;
  /** Where to continue. */
  readonly from?: ExploreStanding;
  readonly signal?: AbortSignal;
  /** States in a batch. A signal is handled between two batches, if one thread does the work. */
  readonly batch?: number;
  /** Most states that are held in memory. */
  readonly mostStates?: number;
  /** Called after each batch. `keep` makes what is needed to continue from here. */
  onProgress?(progress: ExploreProgress, keep: () => ExploreStanding): void;
}

/** How far a search has come. */
export interface ExploreProgress {
  /** The depth whose states are being reached. */
  readonly depth: number;
  readonly states: number;
  readonly transitions: number;
  /** States of this depth: how many were expanded, and how many there are. */
  readonly expanded: number;
  readonly toExpand: number;
  /** What was found at this depth so far. */
  readonly level: Level;
  readonly met: readonly MetState[];
}

/** States in a batch: so many that handing it over costs little, and so few that Ctrl-C is handled soon. */
export const usualBatch = 16;

/**
 * Breadth-first search: every state that so many steps can lead to, each expanded once, with every promise checked after every
 * step. Batches are taken in order, so the result is the same for any number of threads: a state belongs to the first of its
 * shortest paths.
 */
export async function exploreAll(options: SearchOptions): Promise<ExploreOutcome> {
  const { depth, crew, signal, batch: batchOf = usualBatch, mostStates = Number.POSITIVE_INFINITY } = options;
  const book = bookOf(options.from, depth);
  if (options.from === undefined) book.take(await crew.begin(depth), 0);
  const stopped = new Promise<null>(resolve => signal?.addEventListener('abort', () => resolve(null)));
  const isOver = () => signal?.aborted === true || book.states > mostStates;
  for (let level = book.level(); level < depth && !isOver(); level++) {
    const end = book.endOf(level);
    const queue: { promise: Promise<Batch>; first: number; count: number }[] = [];
    let ahead = book.next;
    while (book.next < end) {
      while (!isOver() && ahead < end && queue.length < crew.size) {
        const count = Math.min(batchOf, end - ahead);
        const from = Array.from({ length: count }, (_, index) => book.fromOf(ahead + index));
        const promise = crew.expand(from, depth - level - 1);
        promise.catch(() => {}); // handled when its turn comes
        queue.push({ promise, first: ahead, count });
        ahead += count;
      }
      const batch = queue.shift();
      if (batch === undefined) break;
      const led = await Promise.race([batch.promise, stopped]);
      // What was in work is done again by whoever continues.
      if (led === null) break;
      book.take(led, batch.first);
      book.next = batch.first + batch.count;
      options.onProgress?.(book.progress(level), book.keep);
      // Without a pause here Ctrl-C would not be handled.
      if (crew.size === 1) await new Promise(setImmediate);
    }
    if (book.next === end) book.deepen();
  }
  const ended = book.level() >= depth ? 'complete' : signal?.aborted ? 'stopped' : 'full';
  return { standing: book.keep(), ended };
}

function bookOf(from: ExploreStanding | undefined, depth: number) {
  const seen: States = states(Math.max(from === undefined ? 0 : from.seen.length, 1 << 12));
  for (let at = 0; at < (from?.seen.length ?? 0); at += 2)
    seen.add(from?.seen[at] as number, from?.seen[at + 1] as number);
  const parents = Array.from(from?.parents ?? []);
  const steps = Array.from(from?.steps ?? []);
  const costs = Array.from(from?.costs ?? []);
  const begins = [...(from?.begins ?? [0])];
  const levels: { states: number; transitions: number }[] = (from?.levels ?? [{ states: 0, transitions: 0 }]).map(
    level => ({
      ...level,
    }),
  );
  const met = new Map((from?.met ?? []).map(one => [`${one.kind} ${one.signature}`, one]));
  const went: Record<string, Went> = structuredClone({ ...from?.went });
  const reached = new Set(from?.reached);
  let recoverySteps = from?.recoverySteps ?? 0;

  const pathOf = (state: number): Path => {
    const path: number[] = [];
    for (let at = state; at > 0; at = parents[at] as number) path.push(steps[at] as number);
    return path.reverse();
  };
  const book = {
    next: from?.next ?? 0,
    get states() {
      return seen.size;
    },
    /** The depth whose states are being expanded. */
    level: () => levels.length - 2,
    endOf: (level: number) => begins[level + 1] as number,
    fromOf: (state: number): From => ({ path: pathOf(state), cost: costs[state] as number }),
    /** Enters what a batch led to; the index of its first state is given. */
    take(batch: Batch, first: number): void {
      const level = levels.at(-1) as { states: number; transitions: number };
      level.transitions += batch.transitions;
      const isLast = levels.length - 1 === depth;
      for (let index = 0; index < batch.parents.length; index++) {
        if (!seen.add(batch.hashes[2 * index] as number, batch.hashes[2 * index + 1] as number)) continue;
        level.states++;
        if (isLast) continue;
        parents.push(first + (batch.parents[index] as number));
        steps.push(batch.steps[index] as number);
        costs.push(batch.costs[index] as number);
      }
      for (const one of batch.met) {
        const key = `${one.kind} ${one.signature}`;
        const before = met.get(key);
        if (before === undefined || isSimpler(one, before)) met.set(key, one);
      }
      for (const [operation, { succeeded, failed }] of Object.entries(batch.went)) {
        const before = went[operation] ?? { succeeded: 0, failed: 0 };
        went[operation] = { succeeded: before.succeeded + succeeded, failed: before.failed + failed };
      }
      for (const name of batch.reached) reached.add(name);
      recoverySteps += batch.recoverySteps;
      // The start is depth 0.
      if (levels.length === 1) book.deepen();
    },
    deepen(): void {
      begins.push(parents.length);
      levels.push({ states: 0, transitions: 0 });
    },
    progress: (level: number): ExploreProgress => ({
      depth: level + 1,
      states: seen.size,
      transitions: levels.reduce((sum, { transitions }) => sum + transitions, 0),
      expanded: book.next - (begins[level] as number),
      toExpand: (begins[level + 1] as number) - (begins[level] as number),
      level: { ...(levels.at(-1) as Level) },
      met: [...met.values()],
    }),
    keep: (): ExploreStanding => ({
      begins: [...begins],
      parents: Uint32Array.from(parents),
      steps: Uint16Array.from(steps),
      costs: Uint16Array.from(costs),
      seen: seen.all(),
      next: book.next,
      levels: levels.map(level => ({ ...level })),
      met: [...met.values()].sort(byLength),
      went: structuredClone(went),
      reached: [...reached].sort(),
      recoverySteps,
    }),
  };
  return book;
}

/** The simplest first; equally simple ones in an order that does not depend on the threads. */
const byLength = (one: MetState, other: MetState): number =>
  isSimpler(one, other) ? -1 : isSimpler(other, one) ? 1 : one.signature < other.signature ? -1 : 1;
