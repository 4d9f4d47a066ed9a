import type { Step } from '../../../models/operation.ts';
import { assumed } from '../plan/plan.ts';
import type { Draw } from '../plan/random.ts';
import { asking } from '../run/crash.ts';
import type { Model, Run } from '../types.ts';
import { bearing } from './bearing.ts';
import { isWholeIn, type PlanStanding, reached } from './goals.ts';
import { memoised } from './memoised.ts';
import { type Choosing, done, nextSteps } from './offers.ts';
import type { Feeder } from './slots.ts';
import { distinct, grouped, type Suspect } from './suspects.ts';

/** Number of plans handed out at once. Goals that they did not reach are planned for again. */
const atOnce = 4;

/** How often a goal is planned for: the model may believe in a world that the machine never reaches. */
const tries = 2;

/** Most steps of a plan: what goes otherwise than the model assumes hides what comes after it. */
const most = 10;

/**
 * Shares of the operations by the purpose of a command: a command that makes the declaration true without a change has the most
 * to cope with, then one that changes it.
 */
const shares: ReadonlyMap<string, number> = new Map([
  ['repair', 6],
  ['rebuild', 4],
  ['update', 2],
  ['rollback', 1.2],
  ['start', 1],
  ['stop', 0.8],
  ['update-check', 0.4],
  ['others', 0.4],
]);

/** Drifts have no share: those that no command had to cope with come last. */
const drifts = 'drifts';

/** The share that an operation belongs to. */
const shareOf = <W, S, H>(model: Model<W, S, H>, name: string): string => {
  if (model.operations.get(name)?.kind === 'drift') return drifts;
  if (name === model.first?.operation) return 'repair';
  const role = model.operations.get(name)?.role as string;
  return role !== 'repair' && shares.has(role) ? role : 'others';
};

/**
 * Plans that reach what was never tried on such a machine: a command, or one or two things that a command has to cope with and
 * that command. What is worth the most for each step comes first; before it the machine is whole, or fresh. Suspects that broke
 * a promise elsewhere compete by the same measure, and the rest of them come at the end.
 */
export function differenceFeeder<W, S, H>(
  given: Model<W, S, H>,
  tried: ReadonlySet<string>,
  maxSteps: number,
  draw: Draw,
  suspects: readonly Suspect[] = [],
): Feeder<W, S> {
  const model = memoised(given);
  const covered = new Set(tried);
  const planned = new Map<string, number>();
  const spent = new Map<string, number>();
  const bearingOf = bearing(model);
  const reachedBy = reached(model, bearingOf);
  let left: Suspect[] | undefined;
  let isOver = false;
  const isNew = (goal: string): boolean => !covered.has(goal) && (planned.get(goal) ?? 0) < tries;
  return {
    stage: 'differences',
    async *more(runs: readonly Run<W, S>[]) {
      if (isOver) return;
      left ??= [
        ...distinct(
          model,
          suspects,
          asking('the', 'model', 'start', () => model.start()),
        ),
      ];
      for (const run of runs) for (const goal of reachedBy(run)) covered.add(goal);
      /** The goals that the plans of this batch reach, if everything goes as it should. */
      const now = new Set<string>();
      const choosing = { model, draw, suspects: left, bearingOf };
      for (let count = 0; count < atOnce; count++) {
        const isNewYet = (goal: string): boolean => !now.has(goal) && isNew(goal);
        const { steps, goals } = await extended({ ...choosing, isNew: isNewYet }, Math.min(most, maxSteps), spent);
        if (steps.length === 0) {
          isOver = true;
          for (const group of grouped(model, left, maxSteps)) yield group.steps;
          const rest = neverTried(model, isNewYet, maxSteps);
          if (rest.length > 0) yield rest;
          return;
        }
        for (const goal of goals) {
          now.add(goal);
          planned.set(goal, (planned.get(goal) ?? 0) + 1);
        }
        yield steps;
      }
    },
  };
}

/** Drifts that no plan had a command for, one after the other, as far as they are possible. */
function neverTried<W, S, H>(
  model: Model<W, S, H>,
  isNew: (goal: string) => boolean,
  maxSteps: number,
): readonly Step[] {
  let world = asking('the', 'model', 'start', () => model.start());
  const steps: Step[] = [];
  for (const [operation, does] of model.operations) {
    if (steps.length === maxSteps || does.kind !== 'drift' || !isNew(operation)) continue;
    const [args] = asking('operation', operation, 'choices', () => does.choices(world));
    if (args === undefined) continue;
    const step = { operation, args: { ...args } };
    steps.push(step);
    world = assumed(model, world, step);
  }
  return steps;
}

/** One plan, from a fresh machine on, with the goals that only it reaches. */
async function extended<W, S, H>(
  choosing: Choosing<W, S, H>,
  room: number,
  spent: Map<string, number>,
): Promise<{ readonly steps: readonly Step[]; readonly goals: ReadonlySet<string> }> {
  const { model } = choosing;
  const steps: Step[] = [];
  const goals = new Set<string>();
  const isNew = (goal: string): boolean => !goals.has(goal) && choosing.isNew(goal);
  let standing: PlanStanding<W> = { world: asking('the', 'model', 'start', () => model.start()), openings: [] };
  const due = (share: string): number => (spent.get(share) ?? 0) / (shares.get(share) as number);
  while (steps.length < room) {
    let next: readonly Step[] = [];
    for (const share of [...shares.keys()].sort((one, other) => due(one) - due(other))) {
      // Signals are handled here.
      await new Promise(setImmediate);
      const isWanted = (name: string): boolean => shareOf(model, name) === share;
      next = nextSteps({ ...choosing, isNew }, standing, isWanted, room - steps.length);
      if (next.length === 0) continue;
      spent.set(share, (spent.get(share) ?? 0) + next.length);
      break;
    }
    if (next.length === 0) break;
    for (const step of next) {
      const { reached, standing: then } = done(choosing, standing, step);
      for (const [goal] of reached) if (choosing.isNew(goal)) goals.add(goal);
      // A copy: a step is plain JSON with an ordinary prototype, whatever the catalog hands out.
      steps.push({ ...step, args: { ...step.args } });
      standing = then;
    }
    if (!isWholeIn(model, standing.world)) break;
  }
  return { steps, goals };
}
