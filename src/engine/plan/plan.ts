import type { Args, Operation, Step } from '../../../models/operation.ts';
import { asking, Crash, type Crashed, crashedAt } from '../run/crash.ts';
import type { Model } from '../types.ts';
import { type Draw, drawing } from './random.ts';

/** How long a plan may be. */
export interface Size {
  readonly maxSteps: number;
}

/**
 * A plan assumes of every operation that it succeeds, or fails if it must fail. If a claim turns out otherwise, `allowed` is
 * asked again when the plan is run.
 */
export const success = Object.freeze({ ok: true, status: 0, message: '' });
const failure = Object.freeze({ ok: false, status: 1, message: '' });

/** Swarm testing: about every sixth plan draws from a random half of the operations. Doing so for every plan finds less. */
const swarms = 1 / 6;

/** The plan of this number: the same for the same seed and catalog, in whatever order plans are drawn. */
export const planned = <W, S, H>(model: Model<W, S, H>, seed: number, index: number, size: Size): readonly Step[] =>
  walk(model, size, drawing(seed, index));

/**
 * With this probability a drift is followed at once by a command about the same part. Drawn independently the two seldom meet
 * on one stack, and a lie about a drift shows only when a command claims something about it.
 */
const closings = 1 / 2;

/** Number of steps drawn before signals and timers are handled. */
const stepsInTurn = 20;

/**
 * The same plan, drawn step by step. It ends early, with what was drawn so far, when `isOver` says that it is no longer wanted,
 * or when the model throws.
 */
export async function planning<W, S, H>(
  model: Model<W, S, H>,
  seed: number,
  index: number,
  size: Size,
  isOver: () => boolean,
): Promise<Drawn> {
  const steps: Step[] = [];
  try {
    for (const step of walking(model, size, drawing(seed, index))) {
      steps.push(step);
      if (steps.length % stepsInTurn !== 0) continue;
      await new Promise(setImmediate);
      if (isOver()) break;
    }
    return { steps };
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return { steps, crash: crashedAt(steps, error) };
  }
}

/** A plan as far as it could be drawn, with the crash that ended it, if any. */
export interface Drawn {
  readonly steps: readonly Step[];
  readonly crash?: Crashed;
}

type Entry<W, H> = readonly [name: string, operation: Operation<Args, W, H>];

/** Walks the model from its start, and draws only what is possible in the world reached. */
export const walk = <W, S, H>(model: Model<W, S, H>, size: Size, draw: Draw): readonly Step[] => [
  ...walking(model, size, draw),
];

/** The same, one step at a time. */
function* walking<W, S, H>(model: Model<W, S, H>, size: Size, draw: Draw): Generator<Step, void> {
  // The square root makes long plans frequent: a deep bug costs less in one long plan than in many short ones, which need
  // resets.
  const length = Math.min(size.maxSteps, 1 + Math.floor(Math.sqrt(draw()) * size.maxSteps));
  const all = [...model.operations];
  const half = draw() < swarms ? all.filter(() => draw() < 0.5) : all;
  const commands = half.filter(([, { kind }]) => kind === 'command');
  let world = asking('the', 'model', 'start', () => model.start());
  let drift: Step | undefined;
  for (let count = 0; count < length; count++) {
    const isClosed = drift !== undefined && draw() < closings;
    const step =
      (isClosed ? drawStep(commands, world, draw, aboutTheSame(drift as Step)) : undefined) ??
      drawStep(half, world, draw) ??
      (count === 0 ? drawStep(all, world, draw) : undefined);
    if (step === undefined) break;
    yield step;
    drift = model.operations.get(step.operation)?.kind === 'drift' ? step : undefined;
    world = assumed(model, world, step);
  }
}

/** Whether these arguments name something that a step names too. Arguments that name nothing concern everything. */
export function aboutTheSame(step: Step): (args: Args) => boolean {
  const names = new Set(wordsIn(step.args));
  return args => {
    const words = wordsIn(args);
    return names.size === 0 || words.length === 0 || words.some(word => names.has(word));
  };
}

const wordsIn = (args: Args): readonly string[] =>
  Object.values(args).flatMap(value =>
    String(value)
      .split(/[^A-Za-z0-9]+/)
      .filter(word => word !== ''),
  );

/** The world after a step that succeeds, or that fails if it must. */
export function assumed<W, S, H>(model: Model<W, S, H>, world: W, step: Step): W {
  const operation = model.operations.get(step.operation);
  if (operation === undefined) throw new Crash(`no operation is named ${step.operation}`);
  const { operation: name, args } = step;
  const mustFail = asking('operation', name, 'mustFail', () => operation.mustFail?.(world, args) ?? []);
  const claim = mustFail.length === 0 ? success : failure;
  return asking('operation', name, 'expected', () => operation.expected(world, args, claim));
}

/** Draws an operation by weight, then its arguments. An operation without choices is left out, and another one drawn. */
function drawStep<W, H>(
  entries: readonly Entry<W, H>[],
  world: W,
  draw: Draw,
  isWanted: (args: Args) => boolean = () => true,
): Step | undefined {
  const left = entries.map(([, operation]) => operation.weight ?? 1);
  let total = left.reduce((sum, weight) => sum + weight, 0);
  for (let tries = 0; tries < entries.length && total > 0; tries++) {
    const index = drawIndex(left, draw() * total);
    const [name, operation] = entries[index] as Entry<W, H>;
    const choices = asking('operation', name, 'choices', () => operation.choices(world)).filter(isWanted);
    const args = choices[Math.floor(draw() * choices.length)];
    if (args !== undefined) return possible(name, operation, world, args);
    total -= left[index] as number;
    left[index] = 0;
  }
  return undefined;
}

function drawIndex(weights: readonly number[], point: number): number {
  let last = 0;
  let rest = point;
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index] as number;
    if (weight <= 0) continue;
    last = index;
    rest -= weight;
    if (rest < 0) return index;
  }
  return last;
}

function possible<W, H>(name: string, operation: Operation<Args, W, H>, world: W, args: Args): Step {
  if (!asking('operation', name, 'allowed', () => operation.allowed(world, args)))
    throw new Crash(`operation ${name} offers as a choice what it does not allow: ${JSON.stringify(args)}`);
  // A copy: a step is plain JSON with an ordinary prototype, whatever the catalog hands out.
  return { operation: name, args: { ...args } };
}
