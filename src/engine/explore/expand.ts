import { type Enabled, enabledIn } from './enabled.ts';
import { hashScribe } from './hash.ts';
import { isSimpler, type MetState, type Path } from './met.ts';
import { type Recovered, recovering } from './recover.ts';
import type { Explored } from './simulation.ts';
import { type States, states } from './states.ts';
import { type ExploredState, startState, type Transition, taken, troubleAtStart } from './transition.ts';

/** How often an operation succeeded, and how often it failed with a reason. */
export interface Went {
  succeeded: number;
  failed: number;
}

/** What a batch of states led to. States that this expander knows already are not among the new ones. */
export interface Batch {
  readonly transitions: number;
  /** Hashes of the new states, two numbers each. */
  readonly hashes: Int32Array;
  /** For each new state: the state of the batch that it was reached from, the step, and the rank of its arguments. */
  readonly parents: Uint32Array;
  readonly steps: Uint16Array;
  readonly costs: Uint16Array;
  /** For each kind and signature the finding with the simplest path. */
  readonly met: readonly MetState[];
  readonly went: Readonly<Record<string, Went>>;
  /** Names of the interesting states that were reached. */
  readonly reached: readonly string[];
  /** Number of steps in recoveries. */
  readonly recoverySteps: number;
}

/** A state to be expanded. */
export interface From {
  readonly path: Path;
  readonly cost: number;
}

export interface ExpandOptions {
  /** Up to this depth a recovery is tried from every state; below 0 from none. */
  readonly recoverTo: number;
}

/** Computes the states that one more step leads to. */
export interface Expander {
  /** `left`: how many steps follow the next one. */
  expand(from: readonly From[], left: number): Promise<Batch>;
  /** The start: its hash, and what is wrong there. A start that breaks a promise is not expanded. */
  begin(left: number): Promise<Batch>;
}

export function expander<M, W, S, H>(explored: Explored<M, W, S, H>, { recoverTo }: ExpandOptions): Expander {
  const { model, simulation, interesting = new Map<string, (world: W) => boolean>() } = explored;
  const scribe = hashScribe();
  const known: States = states();
  const unreached = new Map(interesting);
  const recovery =
    recoverTo >= 0 && explored.recovery !== undefined ? recovering(explored, explored.recovery) : undefined;
  /** The states along the last path, the start first. */
  let way: Front<M, W, S, H>[] = [];
  let wayPath: readonly number[] = [];

  const frontOf = (state: ExploredState<M, W, S>): Front<M, W, S, H> => ({ state, steps: null });
  const stepsAt = (front: Front<M, W, S, H>): readonly Enabled<W, H>[] =>
    (front.steps ??= enabledIn(model, front.state.world));

  const frontAt = async (path: Path): Promise<Front<M, W, S, H>> => {
    if (way.length === 0) way = [frontOf(startState(explored))];
    let shared = 0;
    while (shared < path.length && shared < wayPath.length && path[shared] === wayPath[shared]) shared++;
    way.length = shared + 1;
    for (let depth = shared; depth < path.length; depth++) {
      const front = way[depth] as Front<M, W, S, H>;
      const step = stepsAt(front)[path[depth] as number] as Enabled<W, H>;
      const transition = await taken(explored, front.state, step, step.does);
      if (transition.kind !== 'held')
        throw new Error(`a state that was reached is reached no more: ${transition.kind}`);
      way.push(frontOf(transition.next));
    }
    wayPath = path;
    return way[path.length] as Front<M, W, S, H>;
  };

  const hash = ({ world, it }: ExploredState<M, W, S>, left: number): void => {
    scribe.begin(left > 0);
    simulation.write(world, it, left, scribe);
  };

  const note = (book: Book, world: W): void => {
    for (const [name, isThere] of unreached) {
      if (!isThere(world)) continue;
      unreached.delete(name);
      book.reached.push(name);
    }
  };

  const recovered = async (
    book: Book,
    state: ExploredState<M, W, S>,
    recover: (from: ExploredState<M, W, S>) => Promise<Recovered>,
    way: Omit<MetState, 'kind' | 'signature' | 'remedies'>,
  ): Promise<void> => {
    const { steps, trouble } = await recover(state);
    book.recoverySteps += steps;
    if (trouble !== null) book.meet({ ...way, ...trouble });
  };

  /**
   * Does every step that is possible in these states: one operation after the other, each in all of the states. What an operation
   * needs of the processor's caches then serves for all of them. What it led to is entered state by state, as if each had been
   * expanded alone.
   */
  const expandTogether = async (
    book: Book,
    from: readonly From[],
    first: number,
    left: number,
    recover: ((from: ExploredState<M, W, S>) => Promise<Recovered>) | undefined,
  ): Promise<void> => {
    const fronts: Front<M, W, S, H>[] = [];
    const begins: number[] = [];
    let count = 0;
    for (const { path } of from) {
      const front = await frontAt(path);
      fronts.push(front);
      begins.push(count);
      count += stepsAt(front).length;
      // Hashed now, so that its forks share the parts, even if another thread reached it first.
      hash(front.state, left + 1);
    }
    /** By step: the hash of the state that it leads to, two numbers each; 0 where it leads to none. */
    const hashes = new Int32Array(2 * count);
    const ends = new Map<number, Ended>();
    const nexts = new Map<number, ExploredState<M, W, S>>();
    const places = fronts.map(() => 0);
    for (const operation of model.operations.keys()) {
      let went: Went | undefined;
      for (let at = 0; at < fronts.length; at++) {
        const front = fronts[at] as Front<M, W, S, H>;
        const steps = stepsAt(front);
        let place = places[at] as number;
        for (; steps[place]?.operation === operation; place++) {
          const step = steps[place] as Enabled<W, H>;
          const answer = taken(explored, front.state, step, step.does);
          // Most machines answer at once, and to await them would take as long as a small step does.
          const transition: Transition<M, W, S> = answer instanceof Promise ? await answer : answer;
          const index = (begins[at] as number) + place;
          if (transition.kind !== 'held') {
            ends.set(index, transition);
            continue;
          }
          const { claim, mayFail, next } = transition;
          went ??= book.wentOf(operation);
          if (claim.ok) went.succeeded++;
          else if (mayFail > 0) went.failed++;
          hash(next, left);
          const [high, low] = [scribe.high(), scribe.low()];
          hashes[2 * index] = high;
          hashes[2 * index + 1] = low;
          if (known.has(high, low)) continue;
          if (unreached.size > 0) note(book, next.world);
          if (recover !== undefined) nexts.set(index, next);
        }
        places[at] = place;
      }
    }
    book.transitions += count;
    for (let at = 0; at < fronts.length; at++) {
      const { path, cost } = from[at] as From;
      const steps = stepsAt(fronts[at] as Front<M, W, S, H>);
      book.from = first + at;
      for (let place = 0; place < steps.length; place++) {
        const index = (begins[at] as number) + place;
        const [high, low] = [hashes[2 * index] as number, hashes[2 * index + 1] as number];
        const costNow = cost + (steps[place] as Enabled<W, H>).rank;
        if (high !== 0) {
          if (!known.add(high, low)) continue;
          book.found(high, low, place, costNow);
          const next = nexts.get(index);
          if (recover === undefined || next === undefined) continue;
          await recovered(book, next, recover, { path: [...path, place], cost: costNow });
        } else {
          const ended = ends.get(index) as Ended;
          const signature = ended.kind === 'violated' ? ended.signature : ended.reason;
          book.meet({ path: [...path, place], cost: costNow, kind: ended.kind, signature, remedies: [] });
        }
      }
    }
  };

  return {
    async begin(left) {
      const book = newBook();
      const trouble = troubleAtStart(explored);
      if (trouble !== null) {
        book.meet({ ...trouble, path: [], cost: 0, remedies: [] });
        return book.batch();
      }
      const { state } = await frontAt([]);
      hash(state, left);
      const [high, low] = [scribe.high(), scribe.low()];
      if (!known.add(high, low)) return book.batch();
      book.found(high, low, 0, 0);
      note(book, state.world);
      if (recovery !== undefined) await recovered(book, state, recovery, { path: [], cost: 0 });
      return book.batch();
    },
    async expand(from, left) {
      const book = newBook();
      const depth = from[0]?.path.length ?? 0;
      const recover = depth + 1 > recoverTo ? undefined : recovery;
      // A recovery needs the machines themselves: those of many states at once would take much memory.
      const together = recover === undefined ? from.length : 1;
      for (let at = 0; at < from.length; at += together) {
        await expandTogether(book, from.slice(at, at + together), at, left, recover);
      }
      return book.batch();
    },
  };
}

/** A state, and the steps that are possible there once somebody has asked for them. */
interface Front<M, W, S, H> {
  readonly state: ExploredState<M, W, S>;
  steps: readonly Enabled<W, H>[] | null;
}

/** A step that no other follows. */
type Ended = Exclude<Transition<unknown, unknown, unknown>, { readonly kind: 'held' }>;

type Book = ReturnType<typeof newBook>;

function newBook() {
  const hashes: number[] = [];
  const parents: number[] = [];
  const steps: number[] = [];
  const costs: number[] = [];
  const met = new Map<string, MetState>();
  const went: Record<string, Went> = {};
  return {
    transitions: 0,
    recoverySteps: 0,
    from: 0,
    reached: [] as string[],
    found(high: number, low: number, step: number, cost: number): void {
      hashes.push(high, low);
      parents.push(this.from);
      steps.push(step);
      costs.push(Math.min(cost, 0xffff));
    },
    meet(one: MetState): void {
      const key = `${one.kind} ${one.signature}`;
      const before = met.get(key);
      if (before === undefined || isSimpler(one, before)) met.set(key, one);
    },
    wentOf: (operation: string): Went => (went[operation] ??= { succeeded: 0, failed: 0 }),
    batch(): Batch {
      return {
        transitions: this.transitions,
        hashes: Int32Array.from(hashes),
        parents: Uint32Array.from(parents),
        steps: Uint16Array.from(steps),
        costs: Uint16Array.from(costs),
        met: [...met.values()],
        went,
        reached: this.reached,
        recoverySteps: this.recoverySteps,
      };
    },
  };
}
