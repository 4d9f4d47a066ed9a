import type { Step } from '../../../models/operation.ts';
import { operationsOf } from '../run/run.ts';
import { exactly, type Sought, showsIt } from '../session/confirm.ts';
import type { Model, Run } from '../types.ts';
import { type ClaimMemory, executed, remembered, repaired } from './repair.ts';

/** A candidate that the shrinker tried, and its result. */
export interface TriedCandidate {
  readonly steps: readonly Step[];
  /** Which pass of the shrinker made it. */
  readonly why: string;
  /** `same` violation, `other` violation, `held`, or no verdict. */
  readonly outcome: 'same' | 'other' | 'held' | 'inconclusive';
  /** Operations that it cost. */
  readonly operations: number;
}

/** What the gate needs: a sequence that fails, and a way to try others. */
export interface GateOptions<W, S, H> {
  readonly model: Model<W, S, H>;
  /** The wanted signature; any other violation is another finding. */
  readonly signature: string;
  /** What counts as the same violation; by default that of the signature. */
  readonly sought?: Sought;
  /** The run that is shrunk. */
  readonly run: Run<W, S>;
  /** The share of runs in which the violation shows; by default 1. */
  readonly rate?: number;
  attempt(steps: readonly Step[]): Promise<Run<W, S>>;
  /** A reason to stop, asked for before each attempt. */
  enough?(): string | undefined;
  onTried?(tried: TriedCandidate): void;
}

/** The one gate that every candidate goes through: it repairs, remembers, counts and logs. */
export interface Gate<W, S, H> {
  readonly model: Model<W, S, H>;
  readonly best: readonly Step[];
  readonly run: Run<W, S>;
  readonly memory: ClaimMemory;
  readonly tried: readonly TriedCandidate[];
  /** All best ones so far, the first one first. */
  readonly bests: readonly Run<W, S>[];
  /** Runs that showed another violation, the first of each signature. */
  readonly others: ReadonlyMap<string, Run<W, S>>;
  /**
   * From now on a candidate counts as held only after it held often enough to be sure; this includes earlier candidates.
   * Returns whether it makes a difference, which it does only for a violation that comes and goes.
   */
  makeSure(): boolean;
  /**
   * Whether the candidate shows the same violation; if so, it becomes the best. If steps were replaced one for one, `origin`
   * has the steps before that: the new ones are expected to claim the same.
   */
  accept(candidate: readonly Step[], why: string, origin?: readonly Step[]): Promise<boolean>;
}

/** With what probability a candidate that shows the violation is missed: while it may be tried again, and at the end. */
const missed = { quick: 0.25, sure: 0.005 };

/** More often than a candidate can hold. */
const settled = Number.POSITIVE_INFINITY;

/**
 * How often a candidate must hold, so that one that shows the violation at this rate is missed with at most this probability.
 */
const timesFor = (rate = 1, chance: number): number =>
  rate >= 1 ? 1 : Math.max(1, Math.ceil(Math.log(chance) / Math.log(1 - rate)));

/** Opens the gate for one failing run. */
export function gate<W, S, H>(options: GateOptions<W, S, H>): Gate<W, S, H> {
  const { model, sought = exactly(options.signature) } = options;
  /** How often each sequence held. Any other result is final, and never tried again. */
  const held = new Map<string, number>();
  let most = timesFor(options.rate, missed.quick);
  const others = new Map<string, Run<W, S>>();
  const steady = new Set<string>();
  const tried: TriedCandidate[] = [];
  const bests: Run<W, S>[] = [];
  let best: readonly Step[] = [];
  let memory: ClaimMemory = new Map();
  const count = (key: string): unknown => held.set(key, (held.get(key) ?? 0) + 1);
  const improve = (run: Run<W, S>): void => {
    best = executed(run);
    memory = remembered(run);
    bests.push(run);
    held.set(keyOf(best), settled);
  };
  // If a run held up to its last step, every shorter beginning of it held.
  const beginnings = (run: Run<W, S>): void => {
    const steps = executed(run);
    for (let end = 1; end < steps.length; end++) count(keyOf(steps.slice(0, end)));
  };
  improve(options.run);
  beginnings(options.run);

  const attempt = async (steps: readonly Step[]): Promise<{ run: Run<W, S>; operations: number }> => {
    const first = await options.attempt(steps);
    if (!doubtful(first, sought, steady)) return { run: first, operations: operationsOf(first) };
    // A sick machine and a passing failure both deserve one more try; a second bug that stays does not.
    const second = await options.attempt(steps);
    note(second, sought, steady, others);
    note(first, sought, steady, others);
    return { run: second, operations: operationsOf(first) + operationsOf(second) };
  };

  return {
    model,
    tried,
    bests,
    others,
    get best() {
      return best;
    },
    get run() {
      return bests.at(-1) as Run<W, S>;
    },
    get memory() {
      return memory;
    },
    makeSure() {
      const before = most;
      most = timesFor(options.rate, missed.sure);
      return most > before;
    },
    async accept(candidate, why, origin) {
      const steps = repaired(model, candidate, inherited(memory, candidate, origin));
      const key = keyOf(steps);
      // A candidate whose result is known was either the best once or is not good enough: it is not tried more often than
      // necessary.
      while (steps.length > 0 && (held.get(key) ?? 0) < most && options.enough?.() === undefined) {
        const { run, operations } = await attempt(steps);
        if (run.verdict.kind === 'inconclusive' && run.verdict.cause === 'stopped') return false;
        const outcome = outcomeOf(run, sought);
        if (outcome === 'held') count(key);
        else held.set(key, settled);
        beginnings(run);
        const entry = { steps, why, outcome, operations };
        tried.push(entry);
        options.onTried?.(entry);
        if (outcome === 'same') improve(run);
        if (outcome !== 'held') return outcome === 'same';
      }
      return false;
    },
  };
}

/** What makes two candidates the same: the steps that would be done. */
export const keyOf = (steps: readonly Step[]): string =>
  JSON.stringify(steps.map(step => [step.operation, Object.entries(step.args).sort()]));

/** What is remembered: the steps, and for steps that were replaced one for one the claims of those before them. */
export function inherited(
  memory: ClaimMemory,
  steps: readonly Step[],
  origin: readonly Step[] | undefined,
): ClaimMemory {
  if (origin?.length !== steps.length) return memory;
  const all = new Map(memory);
  steps.forEach((step, index) => {
    const before = memory.get(origin[index] as Step);
    if (before !== undefined) all.set(step, before);
  });
  return all;
}

function outcomeOf(run: Run<unknown, unknown>, sought: Sought): TriedCandidate['outcome'] {
  if (run.verdict.kind !== 'violated') return run.verdict.kind;
  return showsIt(run, sought) ? 'same' : 'other';
}

function doubtful(run: Run<unknown, unknown>, sought: Sought, steady: ReadonlySet<string>): boolean {
  const { verdict } = run;
  if (verdict.kind === 'inconclusive') return verdict.cause !== 'stopped';
  return verdict.kind === 'violated' && !sought(verdict.violation) && !steady.has(verdict.violation.signature);
}

function note<W, S>(run: Run<W, S>, sought: Sought, steady: Set<string>, others: Map<string, Run<W, S>>): void {
  if (run.verdict.kind !== 'violated') return;
  if (sought(run.verdict.violation)) return;
  const { signature } = run.verdict.violation;
  if (others.has(signature)) steady.add(signature);
  else others.set(signature, run);
}
