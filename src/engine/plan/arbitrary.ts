import fc from 'fast-check';
import type { Args, Step } from '../../../models/operation.ts';
import { asking } from '../run/crash.ts';
import type { Model } from '../types.ts';
import { assumed, type Size, walk } from './plan.ts';

/**
 * Plans that fast-check can draw, and shrink if a property of a user fails: first steps are left out, half of them at a time,
 * then arguments are replaced by simpler ones. Every candidate holds only steps that are possible in their worlds.
 */
export function plans<W, S, H>(model: Model<W, S, H>, size: Size): fc.Arbitrary<readonly Step[]> {
  return arbitrary(
    random => walk(model, size, () => random.nextInt(0, 0x7fffffff) / 0x80000000),
    steps => simpler(model, steps),
  );
}

/**
 * The plans of a session, which fast-check takes in order, from the given number on. A plan depends on its number and not on
 * fast-check's random state, so that any machine can run any of them. They are shrunk by src/engine/shrink, which knows what
 * each step claimed.
 */
export function numbered<P>(plan: (index: number) => P, from = 0): fc.Arbitrary<NumberedPlan<P>> {
  let next = from;
  return arbitrary(
    () => {
      const index = next++;
      return { index, steps: plan(index) };
    },
    () => [],
  );
}

/** A plan with its number in the session. */
export interface NumberedPlan<P> {
  readonly index: number;
  readonly steps: P;
}

function arbitrary<T>(draw: (random: fc.Random) => T, simpler: (value: T) => Iterable<T>): fc.Arbitrary<T> {
  class Drawn extends fc.Arbitrary<T> {
    generate(random: fc.Random): fc.Value<T> {
      return new fc.Value(draw(random), undefined);
    }
    canShrinkWithoutContext(_value: unknown): _value is T {
      return true;
    }
    shrink(value: T): fc.Stream<fc.Value<T>> {
      return fc.stream(valuesOf(simpler(value)));
    }
  }
  return new Drawn();
}

function* valuesOf<T>(all: Iterable<T>): IterableIterator<fc.Value<T>> {
  for (const one of all) yield new fc.Value(one, undefined);
}

/** Shorter plans, then plans of the same length with one simpler argument. Each is smaller than this one, so shrinking ends. */
function* simpler<W, S, H>(model: Model<W, S, H>, steps: readonly Step[]): Generator<readonly Step[]> {
  for (let gone = Math.ceil(steps.length / 2); gone > 0; gone = gone === 1 ? 0 : Math.ceil(gone / 2)) {
    for (let at = 0; at < steps.length; at += gone) {
      const left = stillPossible(model, [...steps.slice(0, at), ...steps.slice(at + gone)]);
      if (left.length > 0) yield left;
    }
  }
  for (const [index, step] of steps.entries()) {
    for (const args of simplerArgs(model, steps.slice(0, index), step)) {
      const changed = stillPossible(model, steps.with(index, { ...step, args }));
      if (changed.length === steps.length) yield changed;
    }
  }
}

/** The steps, without those that are no longer possible in their worlds. */
function stillPossible<W, S, H>(model: Model<W, S, H>, steps: readonly Step[]): readonly Step[] {
  let world = asking('the', 'model', 'start', () => model.start());
  return steps.filter(step => {
    const now = world;
    const operation = model.operations.get(step.operation);
    if (operation === undefined) return false;
    if (!asking('operation', step.operation, 'allowed', () => operation.allowed(now, step.args))) return false;
    world = assumed(model, now, step);
    return true;
  });
}

/** Choices of an operation before these arguments, simplest first: the first one, one half-way, and the one just before. */
function simplerArgs<W, S, H>(model: Model<W, S, H>, before: readonly Step[], step: Step): readonly Args[] {
  const world = before.reduce((now, each) => assumed(model, now, each), model.start());
  const choices = asking(
    'operation',
    step.operation,
    'choices',
    () => model.operations.get(step.operation)?.choices(world) ?? [],
  );
  const at = choices.findIndex(choice => JSON.stringify(choice) === JSON.stringify(step.args));
  return [...new Set([0, at >> 1, at - 1])]
    .filter(index => index >= 0 && index < at)
    .map(index => ({ ...choices[index] }) as Args);
}
