import type { Step } from '../../../models/operation.ts';
import { type Enabled, enabledIn } from './enabled.ts';
import { hashScribe } from './hash.ts';
import { type Recovered, recovering } from './recover.ts';
import type { Explored } from './simulation.ts';
import { type States, states } from './states.ts';
import { type ExploredState, startState, type Transition, taken, troubleAtStart } from './transition.ts';

/** The path to a state: for each depth the index of the step among those that are possible there. */
export type Path = readonly number[];

/** Something that was found. `key` says which findings are the same; of several paths to it the simplest is kept. */
export interface MetState {
  readonly kind: 'violated' | 'sick' | 'stuck';
  readonly signature: string;
  readonly path: Path;
  /** What is done after the path; empty unless it is a recovery. */
  readonly remedies: readonly Step[];
  /** The sum of the ranks of its choices: of equally short paths the one with the simplest arguments comes first. */
  readonly cost: number;
}

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
  let way: ExploredState<M, W, S>[] = [];
  let wayPath: readonly number[] = [];

  const stateAt = async (path: Path): Promise<ExploredState<M, W, S>> => {
    if (way.length === 0) way = [startState(explored)];
    let shared = 0;
    while (shared < path.length && shared < wayPath.length && path[shared] === wayPath[shared]) shared++;
    way.length = shared + 1;
    for (let depth = shared; depth < path.length; depth++) {
      const state = way[depth] as ExploredState<M, W, S>;
      const step = enabledIn(model, state.world)[path[depth] as number] as Enabled<W, H>;
      const transition = await taken(explored, state, step, step.does);
      if (transition.kind !== 'held')
        throw new Error(`a state that was reached is reached no more: ${transition.kind}`);
      way.push(transition.next);
    }
    wayPath = path;
    return way[path.length] as ExploredState<M, W, S>;
  };

  const hash = ({ world, it }: ExploredState<M, W, S>, left: number): void => {
    scribe.begin(left > 0);
    simulation.write(world, it, left, scribe);
  };

  /** Starts to expand a state; returns a promise if there is something to wait for. */
  const arrive = (
    book: Book,
    state: ExploredState<M, W, S>,
    left: number,
    way: Omit<MetState, 'kind' | 'signature' | 'remedies'>,
  ): Promise<void> | null => {
    hash(state, left);
    const [high, low] = [scribe.high(), scribe.low()];
    if (!known.add(high, low)) return null;
    book.found(high, low, way.path.at(-1) ?? 0, way.cost);
    for (const [name, isThere] of unreached) {
      if (!isThere(state.world)) continue;
      unreached.delete(name);
      book.reached.push(name);
    }
    return recovery === undefined || way.path.length > recoverTo ? null : recovered(book, state, recovery, way);
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

  return {
    async begin(left) {
      const book = newBook();
      const trouble = troubleAtStart(explored);
      if (trouble !== null) {
        book.meet({ ...trouble, path: [], cost: 0, remedies: [] });
        return book.batch();
      }
      const state = await stateAt([]);
      await arrive(book, state, left, { path: [], cost: 0 });
      return book.batch();
    },
    async expand(from, left) {
      const book = newBook();
      for (let index = 0; index < from.length; index++) {
        const { path, cost } = from[index] as From;
        const state = await stateAt(path);
        book.from = index;
        // Hashed now, so that its forks share the parts, even if another thread reached it first.
        hash(state, left + 1);
        const steps = enabledIn(model, state.world);
        for (let place = 0; place < steps.length; place++) {
          const step = steps[place] as Enabled<W, H>;
          const answer = taken(explored, state, step, step.does);
          // Most machines answer at once, and to await them would take as long as a small step does.
          const transition: Transition<M, W, S> = answer instanceof Promise ? await answer : answer;
          book.transitions++;
          const met = { path: [...path, place], cost: cost + step.rank };
          if (transition.kind === 'held') {
            const went = book.wentOf(step.operation);
            if (transition.claim.ok) went.succeeded++;
            else if (transition.mayFail > 0) went.failed++;
            const recovered = arrive(book, transition.next, left, met);
            if (recovered !== null) await recovered;
          } else if (transition.kind === 'violated') {
            book.meet({ ...met, kind: 'violated', signature: transition.signature, remedies: [] });
          } else book.meet({ ...met, kind: 'sick', signature: transition.reason, remedies: [] });
        }
      }
      return book.batch();
    },
  };
}

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

/** Whether one path is simpler than another: shorter, or of simpler arguments. Of equal ones the first is kept. */
export const isSimpler = (one: MetState, other: MetState): boolean => {
  const length = ({ path, remedies }: MetState) => path.length + remedies.length;
  return length(one) !== length(other) ? length(one) < length(other) : one.cost < other.cost;
};
