import type { Step } from '../../../models/operation.ts';
import { enabledIn } from '../explore/enabled.ts';
import { assumed } from '../plan/plan.ts';
import type { Draw } from '../plan/random.ts';
import { asking } from '../run/crash.ts';
import type { Model } from '../types.ts';
import type { Bearing } from './bearing.ts';
import { aspectsFor, type Goal, goalsOf, goalsOfArgs, goalsOfStep, type PlanStanding, standingAfter } from './goals.ts';
import type { Suspect } from './suspects.ts';

/** What the next steps of a plan are chosen by. */
export interface Choosing<W, S, H> {
  readonly model: Model<W, S, H>;
  readonly draw: Draw;
  /** Suspects that were not in a plan yet; one that is chosen is taken out. */
  readonly suspects: Suspect[];
  readonly bearingOf: Bearing<W>;
  readonly isNew: (goal: string) => boolean;
}

/** Most choices that are looked at of one operation about one part; the others come later. */
const looked = 3;

/** Most pairs that are looked at closely: those that look best. */
const closer = 48;

/** A suspect from elsewhere is worth a little more than an equal sequence that is none. */
const proven = 1.2;

/** Steps that may come next. */
interface Offer {
  readonly steps: readonly Step[];
  readonly value: number;
  readonly suspect?: Suspect;
}

/** The possible steps of one operation about one part: they see the same aspects of the world. */
interface Kind {
  readonly operation: string;
  readonly part: string | undefined;
  readonly steps: readonly Step[];
}

/**
 * What is worth the most for each of its steps, among offers that end in a wanted operation; undefined if nothing is worth
 * anything. Equal ones are drawn from.
 */
export function nextSteps<W, S, H>(
  choosing: Choosing<W, S, H>,
  standing: PlanStanding<W>,
  isWanted: (operation: string) => boolean,
  room: number,
): readonly Step[] {
  const { model, suspects } = choosing;
  const kinds = kindsOf(model, standing.world);
  const commands = kinds.filter(({ operation }) => isWanted(operation));
  if (commands.length === 0) return [];
  const pairs = room < 2 ? [] : pairsOf(choosing, standing, kinds, commands, closer);
  const offers = [
    ...commands.map(kind => single(choosing, standing, kind)),
    ...pairs,
    ...suspectsAmong(choosing, standing, isWanted, room),
  ];
  const top =
    bestOf(choosing, offers) ??
    (room < 2 ? undefined : bestOf(choosing, pairsOf(choosing, standing, kinds, commands, Number.POSITIVE_INFINITY)));
  if (top === undefined) return [];
  if (top.suspect !== undefined) suspects.splice(suspects.indexOf(top.suspect), 1);
  return top.steps.length === 2 && room > 2 ? withAnother(choosing, standing, top, pairs) : top.steps;
}

/** The goals that a step reaches, and where the plan then stands. */
export function done<W, S, H>(
  { model, bearingOf }: Pick<Choosing<W, S, H>, 'model' | 'bearingOf'>,
  standing: PlanStanding<W>,
  step: Step,
): { readonly reached: readonly Goal[]; readonly standing: PlanStanding<W> } {
  return {
    reached: goalsOfStep(model, standing, step, bearingOf),
    standing: standingAfter(model, standing, step, assumed(model, standing.world, step)),
  };
}

/** A command alone. */
function single<W, S, H>(choosing: Choosing<W, S, H>, standing: PlanStanding<W>, kind: Kind): Offer {
  const step = telling(choosing, standing.world, kind.steps);
  const value = valuing(choosing, standing)(kind) + sum(choosing, goalsOfArgs(choosing.model, step, standing.world));
  return { steps: [step], value };
}

/**
 * A step that leaves something, and the command that is worth the most after it. The aspects of the world then take longest to
 * compute, so only the pairs that look best without them are asked for theirs.
 */
function pairsOf<W, S, H>(
  choosing: Choosing<W, S, H>,
  standing: PlanStanding<W>,
  kinds: readonly Kind[],
  commands: readonly Kind[],
  most: number,
): readonly Offer[] {
  const { model, draw } = choosing;
  const here = valuing(choosing, standing);
  const rough: { readonly first: Step; readonly then: PlanStanding<W>; readonly kind: Kind; readonly value: number }[] =
    [];
  for (const opener of kinds) {
    const left = [...opener.steps];
    for (let count = 0; count < looked && left.length > 0; count++) {
      const first = telling(choosing, standing.world, left);
      left.splice(left.indexOf(first), 1);
      const then = standingAfter(model, standing, first, assumed(model, standing.world, first));
      if (then.openings.length === 0) continue;
      const value = valuing(choosing, then, most === Number.POSITIVE_INFINITY ? undefined : []);
      const own = here(opener);
      const all = commands.map(kind => ({ kind, value: value(kind) }));
      const highest = Math.max(...all.map(each => each.value));
      const equals = all.filter(each => each.value === highest);
      const { kind } = equals[Math.floor(draw() * equals.length)] as (typeof all)[number];
      rough.push({ first, then, kind, value: own + highest });
    }
  }
  rough.sort((one, other) => other.value - one.value);
  return rough.slice(0, most).flatMap(({ first, then, kind }): readonly Offer[] => {
    const steps = stillPossible(model, then.world, kind);
    if (steps.length === 0) return [];
    const last = telling(choosing, then.world, steps);
    const value =
      here(kindOf(model, first)) + valuing(choosing, then)(kind) + sum(choosing, goalsOfArgs(model, last, then.world));
    return [{ steps: [first, last], value }];
  });
}

function suspectsAmong<W, S, H>(
  choosing: Choosing<W, S, H>,
  standing: PlanStanding<W>,
  isWanted: (operation: string) => boolean,
  room: number,
): readonly Offer[] {
  return choosing.suspects.flatMap((suspect): readonly Offer[] => {
    const { steps } = suspect;
    if (steps.length > room || !isWanted(steps.at(-1)?.operation ?? '')) return [];
    const value = valueOfSteps(choosing, standing, steps);
    return value === null ? [] : [{ steps, value: value * proven, suspect }];
  });
}

/** The same with one more step before the last one, about another part, if that is worth more for each step. */
function withAnother<W, S, H>(
  choosing: Choosing<W, S, H>,
  standing: PlanStanding<W>,
  { steps }: Offer,
  pairs: readonly Offer[],
): readonly Step[] {
  const { model } = choosing;
  const [first, last] = steps as [Step, Step];
  const part = model.parts?.of(first);
  let best: Offer = { steps, value: valueOfSteps(choosing, standing, steps) ?? 0 };
  for (const pair of part === undefined ? [] : pairs) {
    const [other] = pair.steps as [Step];
    const its = model.parts?.of(other);
    if (its === undefined || its === part) continue;
    const three = [first, other, last];
    const value = valueOfSteps(choosing, standing, three);
    if (value === null || rate({ steps: three, value }) <= rate(best)) continue;
    // If the command must fail for one part, it shows nothing about the other.
    if (mustFail(model, [first, other].reduce((at, step) => done(choosing, at, step).standing, standing).world, last))
      continue;
    best = { steps: three, value };
  }
  return best.steps;
}

const rate = ({ steps, value }: Offer): number => value / steps.length;

function bestOf<W, S, H>({ draw }: Choosing<W, S, H>, offers: readonly Offer[]): Offer | undefined {
  const highest = Math.max(0, ...offers.map(rate));
  if (highest === 0) return undefined;
  const equals = offers.filter(offer => rate(offer) === highest);
  return equals[Math.floor(draw() * equals.length)];
}

/** The worth of steps done one after the other; null if one of them is not possible. */
function valueOfSteps<W, S, H>(
  choosing: Choosing<W, S, H>,
  from: PlanStanding<W>,
  steps: readonly Step[],
): number | null {
  const { model } = choosing;
  const seen = new Set<string>();
  let standing = from;
  let value = 0;
  for (const step of steps) {
    if (!isAllowed(model, standing.world, step)) return null;
    const { reached, standing: then } = done(choosing, standing, step);
    const fresh = reached.filter(([goal]) => !seen.has(goal));
    for (const [goal] of fresh) seen.add(goal);
    value += sum(choosing, fresh);
    standing = then;
  }
  return value;
}

const sum = <W, S, H>({ isNew }: Choosing<W, S, H>, goals: readonly Goal[]): number =>
  goals.reduce((all, [goal, worth]) => (isNew(goal) ? all + worth : all), 0);

/** The step whose arguments are worth the most; equal ones are drawn from. */
function telling<W, S, H>(choosing: Choosing<W, S, H>, world: W, steps: readonly Step[]): Step {
  const values = steps.map(step => sum(choosing, goalsOfArgs(choosing.model, step, world)));
  const highest = Math.max(...values);
  const equals = steps.filter((_, at) => values[at] === highest);
  return equals[Math.floor(choosing.draw() * equals.length)] as Step;
}

/** The worth of operations where a plan stands, by the aspects of their part. */
function valuing<W, S, H>(
  choosing: Choosing<W, S, H>,
  { world, openings }: PlanStanding<W>,
  given?: readonly string[],
) {
  const { model, bearingOf } = choosing;
  const known = new Map<string | undefined, readonly string[]>();
  return ({ operation, part }: Pick<Kind, 'operation' | 'part'>): number => {
    const aspects = given ?? known.get(part) ?? aspectsFor(model, world, part);
    known.set(part, aspects);
    const does = model.operations.get(operation);
    return does === undefined ? 0 : sum(choosing, goalsOf(operation, does, part, aspects, openings, bearingOf));
  };
}

function kindsOf<W, S, H>(model: Model<W, S, H>, world: W): readonly Kind[] {
  const kinds = new Map<string, Kind & { readonly steps: Step[] }>();
  for (const { operation, args } of enabledIn(model, world)) {
    const step = { operation, args };
    const { part } = kindOf(model, step);
    const key = `${operation} ${part}`;
    const kind = kinds.get(key) ?? { operation, part, steps: [] };
    kind.steps.push(step);
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}

const kindOf = <W, S, H>({ parts }: Model<W, S, H>, step: Step) => ({
  operation: step.operation,
  part: parts?.of(step),
});

const stillPossible = <W, S, H>(model: Model<W, S, H>, world: W, { steps }: Kind): readonly Step[] =>
  steps.filter(step => isAllowed(model, world, step));

function isAllowed<W, S, H>({ operations }: Model<W, S, H>, world: W, { operation, args }: Step): boolean {
  const does = operations.get(operation);
  return does !== undefined && asking('operation', operation, 'allowed', () => does.allowed(world, args));
}

function mustFail<W, S, H>({ operations }: Model<W, S, H>, world: W, { operation, args }: Step): boolean {
  const does = operations.get(operation);
  return asking('operation', operation, 'mustFail', () => does?.mustFail?.(world, args) ?? []).length > 0;
}
