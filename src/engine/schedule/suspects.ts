import type { Step } from '../../../models/operation.ts';
import { assumed } from '../plan/plan.ts';
import { asking } from '../run/crash.ts';
import { byLikeness, executed } from '../shrink/repair.ts';
import type { Model, Run } from '../types.ts';
import type { Feeder } from './slots.ts';

/** Steps that broke a promise somewhere. */
export interface Suspect {
  readonly steps: readonly Step[];
  /**
   * Whether they are known, or said by the simulator, to break one here. If so, nothing done after them on that machine counts.
   */
  readonly breaks?: boolean;
}

/** Number of plans handed out at once; those that were cut short are done again after all others. */
const atOnce = 8;

/**
 * Suspects, shortest first. One that breaks a promise here has a machine for itself. Of the others, several are done on one
 * machine, as long as the model says that the machine is whole after each. If two end in the same command about the whole
 * machine, and the steps before concern one part each, both are done to different parts before one such command. Suspects that
 * a plan did not reach, because it broke a promise, are done again alone. `from` is the number of the first plan.
 */
export function suspectFeeder<W, S, H>(
  model: Model<W, S, H>,
  suspects: readonly Suspect[],
  maxSteps: number,
  from = 0,
): Feeder<W, S> {
  const waiting = grouped(model, suspects, maxSteps).slice(from);
  let last: readonly Group[] = [];
  const leftBy = (group: Group, run: Run<W, S>): readonly Group[] => {
    if (group.members.length === 1 || run.verdict.kind === 'held') return [];
    const done = executed(run);
    const missed = group.members.filter(({ from }) => done.length < from);
    return missed.map(({ steps }) => alone(steps));
  };
  return {
    stage: 'suspects',
    from,
    more(runs) {
      waiting.push(...last.flatMap((group, at) => (runs[at] === undefined ? [] : leftBy(group, runs[at]))));
      last = waiting.splice(0, atOnce);
      return last.map(({ steps }) => steps);
    },
  };
}

/** A plan with the suspects in it, and after how many steps each of them was tried. */
interface Group {
  readonly steps: readonly Step[];
  readonly members: readonly { readonly steps: readonly Step[]; readonly from: number }[];
}

const alone = (steps: readonly Step[]): Group => ({ steps, members: [{ steps, from: steps.length }] });

/** The plans of all suspects, those of the shortest first. */
export function grouped<W, S, H>(
  model: Model<W, S, H>,
  suspects: readonly Suspect[],
  maxSteps: number,
): readonly Group[] {
  const start = asking('the', 'model', 'start', () => model.start());
  const groups: { at: number; group: Group }[] = [];
  const open: Chain<W>[] = [];
  const merged = paired(model, distinct(model, suspects, start), start);
  for (const [at, { parts, breaks, steps }] of merged.entries()) {
    if (breaks) {
      groups.push({ at, group: alone(steps) });
      continue;
    }
    const chain = open.find(
      one => one.steps.length + steps.length <= maxSteps && walked(model, one.world, steps) !== null,
    );
    const into: Chain<W> = chain ?? { at, steps: [], members: [], world: start };
    const after = walked(model, into.world, steps) as W;
    into.steps = [...into.steps, ...steps];
    into.members = [...into.members, ...parts.map(part => ({ steps: part, from: into.steps.length }))];
    into.world = after;
    const isWhole = asking('the', 'model', 'isWhole', () => model.isWhole?.(after) ?? false);
    if (chain === undefined) open.push(into);
    if (!isWhole || into.steps.length >= maxSteps) {
      open.splice(open.indexOf(into), 1);
      groups.push({ at: into.at, group: { steps: into.steps, members: into.members } });
    }
  }
  for (const { at, steps, members } of open) groups.push({ at, group: { steps, members } });
  return groups.sort((one, other) => one.at - other.at).map(({ group }) => group);
}

interface Chain<W> {
  readonly at: number;
  steps: readonly Step[];
  members: Group['members'];
  world: W;
}

/** One suspect, or two with the same last command. */
interface Pair {
  readonly steps: readonly Step[];
  readonly parts: readonly (readonly Step[])[];
  readonly breaks: boolean;
}

/**
 * The suspects that are possible here, each once: the shortest first, and of equally short ones those that break a promise
 * here. One that is only the beginning of another is done with that.
 */
export function distinct<W, S, H>(model: Model<W, S, H>, suspects: readonly Suspect[], start: W): readonly Suspect[] {
  const found = new Map<string, Suspect>();
  for (const suspect of suspects) {
    const { breaks = false } = suspect;
    // One that was shown here stays as it is.
    const steps = breaks ? suspect.steps : adapted(model, start, suspect.steps);
    if (steps === null || walked(model, start, steps) === null) continue;
    const key = JSON.stringify(steps);
    if (found.get(key)?.breaks !== true) found.set(key, { steps, breaks });
  }
  const rank = ({ steps, breaks }: Suspect): number => 2 * steps.length - (breaks ? 1 : 0);
  const beginnings = new Set(
    [...found.values()].flatMap(({ steps, breaks }) =>
      breaks ? [] : steps.slice(1).map((_, at) => JSON.stringify(steps.slice(0, at + 1))),
    ),
  );
  return [...found]
    .filter(([key, { breaks }]) => breaks === true || !beginnings.has(key))
    .map(([, suspect]) => suspect)
    .sort((one, other) => rank(one) - rank(other));
}

/** Joins suspects that end in the same command about the whole machine. */
function paired<W, S, H>(model: Model<W, S, H>, suspects: readonly Suspect[], start: W): readonly Pair[] {
  const pairs: Pair[] = [];
  const taken = new Set<Suspect>();
  for (const [at, suspect] of suspects.entries()) {
    if (taken.has(suspect)) continue;
    const { steps, breaks = false } = suspect;
    let pair: Pair = { steps, parts: [steps], breaks };
    if (!breaks && partOf(model, steps.slice(0, -1)) !== undefined) {
      for (const other of suspects.slice(at + 1)) {
        if (taken.has(other) || other.breaks === true) continue;
        const both = together(model, steps, other.steps, start);
        if (both === null) continue;
        taken.add(other);
        pair = { steps: both, parts: [steps, other.steps], breaks };
        break;
      }
    }
    pairs.push(pair);
  }
  return pairs;
}

function together<W, S, H>(
  model: Model<W, S, H>,
  one: readonly Step[],
  other: readonly Step[],
  start: W,
): readonly Step[] | null {
  const [last, end] = [one.at(-1) as Step, other.at(-1) as Step];
  if (one.length !== other.length || JSON.stringify(last) !== JSON.stringify(end)) return null;
  if (model.parts?.of(last) !== undefined) return null;
  const [mine, theirs] = [one.slice(0, -1), other.slice(0, -1)];
  const part = partOf(model, mine);
  const theirPart = partOf(model, theirs);
  if (part === undefined || theirPart === undefined) return null;
  for (const to of [theirPart, ...(model.parts?.names ?? [])]) {
    if (to === part) continue;
    const moved = to === theirPart ? theirs : adapted(model, start, model.parts?.moved(theirs, to) ?? theirs);
    const steps = moved === null ? null : [...mine, ...moved, last];
    if (steps !== null && walked(model, start, steps) !== null) return steps;
  }
  return null;
}

/** The one part that all of the steps are about; undefined if they concern several, or one concerns all of them. */
function partOf<W, S, H>(model: Model<W, S, H>, steps: readonly Step[]): string | undefined {
  const [first, ...others] = steps.map(step => model.parts?.of(step));
  return others.every(part => part === first) ? first : undefined;
}

/** The world after steps that go as they should; null if one of them is not possible. */
function walked<W, S, H>(model: Model<W, S, H>, from: W, steps: readonly Step[]): W | null {
  let world = from;
  for (const step of steps) {
    const { operation: name, args } = step;
    const operation = model.operations.get(name);
    const now = world;
    if (operation === undefined || !asking('operation', name, 'allowed', () => operation.allowed(now, args)))
      return null;
    world = assumed(model, world, step);
  }
  return world;
}

/** The steps with the nearest arguments that are possible here; null if one of them has none. */
function adapted<W, S, H>(model: Model<W, S, H>, from: W, steps: readonly Step[]): readonly Step[] | null {
  let world = from;
  const found: Step[] = [];
  for (const step of steps) {
    const { operation: name, args } = step;
    const operation = model.operations.get(name);
    if (operation === undefined) return null;
    const now = world;
    const isAllowed = asking('operation', name, 'allowed', () => operation.allowed(now, args));
    const nearest = isAllowed
      ? args
      : byLikeness(
          asking('operation', name, 'choices', () => operation.choices(now)),
          args,
        )[0];
    if (nearest === undefined) return null;
    found.push({ operation: name, args: { ...nearest } });
    world = assumed(model, world, found.at(-1) as Step);
  }
  return found;
}
