import type { Step } from '../../../models/operation.ts';
import { enabledIn } from '../explore/enabled.ts';
import { assumed } from '../plan/plan.ts';
import type { Draw } from '../plan/random.ts';
import { asking } from '../run/crash.ts';
import type { Model, Run } from '../types.ts';
import { aspectsFor, pairOf, pairsIn, plain } from './pairs.ts';
import type { Feeder } from './slots.ts';

/** How many plans are handed out at once: what they were meant to cover and did not is planned for again. */
const atOnce = 4;

/** How often a pair is planned for: a world that the model believes in may be one that the machine never comes to. */
const tries = 2;

/**
 * What a new pair is worth, times the weight of its operation. A command is held to what it claims, a drift is not. Where
 * nothing is special, the least is to be seen.
 */
const worth = { command: 1, drift: 0.1, plain: 0.3 };

/** So many drifts of one operation and part are looked beyond at each step: others have their turn at the next. */
const looked = 3;

/** After so many steps that are worth nothing new a plan ends. */
const patience = 1;

/**
 * Plans that cover pairs of an operation and an aspect of the world that were never tried on such a machine: step by step the one
 * that is worth the most, or the drift after which a command about the same is; equals are drawn among.
 */
export function differenceFeeder<W, S, H>(
  model: Model<W, S, H>,
  tried: ReadonlySet<string>,
  maxSteps: number,
  draw: Draw,
): Feeder<W, S> {
  const covered = new Set(tried);
  const planned = new Map<string, number>();
  const isNew = (pair: string): boolean => !covered.has(pair) && (planned.get(pair) ?? 0) < tries;
  return {
    stage: 'differences',
    async *more(runs: readonly Run<W, S>[]) {
      for (const run of runs) for (const pair of pairsIn(model, run)) covered.add(pair);
      /** What the plans of this batch cover, if all goes as it should. */
      const now = new Set<string>();
      for (let count = 0; count < atOnce; count++) {
        const { steps, pairs } = await extended(model, pair => isNew(pair) && !now.has(pair), maxSteps, draw);
        if (pairs.size === 0) return;
        for (const pair of pairs) {
          now.add(pair);
          planned.set(pair, (planned.get(pair) ?? 0) + 1);
        }
        yield steps;
      }
    },
  };
}

/** One plan, from the start on, and what it covers that is new. */
async function extended<W, S, H>(
  model: Model<W, S, H>,
  isNew: (pair: string) => boolean,
  maxSteps: number,
  draw: Draw,
): Promise<{ readonly steps: readonly Step[]; readonly pairs: ReadonlySet<string> }> {
  const steps: Step[] = [];
  const pairs = new Set<string>();
  let world = model.start();
  const isNewYet = (pair: string): boolean => !pairs.has(pair) && isNew(pair);
  let idle = 0;
  while (steps.length < maxSteps) {
    // Whoever waits for a signal has a turn.
    await new Promise(setImmediate);
    const next = best(model, world, isNewYet, maxSteps - steps.length, draw);
    if (next.length === 0) break;
    let gained = 0;
    for (const step of next) {
      const part = model.parts?.of(step);
      for (const aspect of aspectsFor(model, world, part)) {
        const pair = pairOf(step.operation, aspect);
        if (isNewYet(pair)) gained++;
        pairs.add(pair);
      }
      steps.push(step);
      world = assumed(model, world, step);
    }
    idle = gained > 0 ? 0 : idle + 1;
    if (idle > patience) break;
  }
  return { steps, pairs: new Set([...pairs].filter(isNew)) };
}

/** A command, or a drift and a command about the same, and what it is worth. */
interface Offer {
  readonly drift: Step | null;
  readonly kind: Kind;
}

/** The steps of one operation about one part that are possible: they see the same of the world. */
interface Kind {
  readonly operation: string;
  readonly part: string | undefined;
  readonly isDrift: boolean;
  readonly steps: readonly Step[];
}

/** What is worth the most for each step that it takes; none where nothing is worth anything. */
function best<W, S, H>(
  model: Model<W, S, H>,
  world: W,
  isNew: (pair: string) => boolean,
  room: number,
  draw: Draw,
): readonly Step[] {
  const offers = new Map<number, Offer[]>();
  const offer = (value: number, drift: Step | null, kind: Kind): void => {
    if (value <= 0) return;
    const equals = offers.get(value);
    if (equals === undefined) offers.set(value, [{ drift, kind }]);
    else equals.push({ drift, kind });
  };
  const kinds = kindsOf(model, world);
  const value = valuing(model, world, isNew);
  for (const kind of kinds) offer(value(kind), null, kind);
  const commands = kinds.filter(({ isDrift }) => !isDrift);
  for (const { operation, part, steps } of room < 2 ? [] : kinds.filter(({ isDrift }) => isDrift)) {
    const left = [...steps];
    for (let count = 0; count < looked && left.length > 0; count++) {
      const [drift] = left.splice(Math.floor(draw() * left.length), 1) as [Step];
      // What is possible after it is asked only of what is taken.
      const after = valuing(model, assumed(model, world, drift), isNew);
      for (const kind of commands)
        if (kind.part === undefined || part === undefined || kind.part === part)
          offer(after(kind) / 2 + value({ operation, part }) / 2, drift, kind);
    }
  }
  for (const [, equals] of [...offers].sort(([one], [other]) => other - one)) {
    while (equals.length > 0) {
      const [{ drift, kind }] = equals.splice(Math.floor(draw() * equals.length), 1) as [Offer];
      const then = drift === null ? kind.steps : stillPossible(model, assumed(model, world, drift), kind);
      const last = then[Math.floor(draw() * then.length)];
      if (last !== undefined) return drift === null ? [last] : [drift, last];
    }
  }
  return [];
}

function stillPossible<W, S, H>(model: Model<W, S, H>, world: W, { operation, steps }: Kind): readonly Step[] {
  const does = model.operations.get(operation);
  return steps.filter(({ args }) => asking('operation', operation, 'allowed', () => does?.allowed(world, args)));
}

function kindsOf<W, S, H>(model: Model<W, S, H>, world: W): readonly Kind[] {
  const kinds = new Map<string, Kind & { readonly steps: Step[] }>();
  for (const { operation, args, does } of enabledIn(model, world)) {
    const step = { operation, args: { ...args } };
    const part = model.parts?.of(step);
    const key = `${operation} ${part}`;
    const kind = kinds.get(key) ?? { operation, part, isDrift: does.kind === 'drift', steps: [] };
    kind.steps.push(step);
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}

/** What a step in this world is worth, by what in it is special for its part. */
function valuing<W, S, H>(model: Model<W, S, H>, world: W, isNew: (pair: string) => boolean) {
  const known = new Map<string | undefined, readonly string[]>();
  return ({ operation, part }: Pick<Kind, 'operation' | 'part'>): number => {
    let all = known.get(part);
    if (all === undefined) {
      all = aspectsFor(model, world, part);
      known.set(part, all);
    }
    const does = model.operations.get(operation);
    let sum = 0;
    for (const aspect of all) if (isNew(pairOf(operation, aspect))) sum += aspect === plain ? worth.plain : 1;
    return does === undefined ? 0 : sum * worth[does.kind] * (does.weight ?? 1);
  };
}
