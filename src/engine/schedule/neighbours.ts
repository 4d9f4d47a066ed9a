import type { Step } from '../../../models/operation.ts';
import { assumed } from '../plan/plan.ts';
import { asking } from '../run/crash.ts';
import type { Model } from '../types.ts';
import type { Feeder } from './slots.ts';

/** How many neighbours of each finding are tried; another seed chooses others. */
const ofEach = 4;

/** How often one is drawn until it is possible and differs from the finding. */
const tries = 20;

/**
 * Neighbours of sequences that once broke a promise: the same steps with one of them changed, or one added. A mend that was
 * made for the finding may miss them. They are drawn by random numbers, in turns: the first neighbour of every finding before
 * the second of any.
 * @param found steps that broke a promise, on any machine
 * @param draw numbers from 0 up to 1
 */
export function neighbourFeeder<W, S, H>(
  model: Model<W, S, H>,
  found: readonly (readonly Step[])[],
  draw: () => number,
): Feeder<W, S> {
  let isDone = false;
  return {
    stage: 'neighbours',
    more() {
      if (isDone) return [];
      isDone = true;
      return plans();
    },
  };

  function* plans(): Iterable<readonly Step[]> {
    const known = new Set(found.map(steps => JSON.stringify(steps)));
    for (let round = 0; round < ofEach; round++) {
      for (const steps of found) {
        const one = neighbourOf(model, steps, draw, known);
        if (one === null) continue;
        known.add(JSON.stringify(one));
        yield one;
      }
    }
  }
}

/** A sequence that differs in one step, and is possible; null if none was drawn. */
function neighbourOf<W, S, H>(
  model: Model<W, S, H>,
  steps: readonly Step[],
  draw: () => number,
  known: ReadonlySet<string>,
): readonly Step[] | null {
  for (let count = 0; count < tries; count++) {
    const at = Math.floor(draw() * (steps.length + 1));
    const isAdded = at === steps.length || draw() < 0.5;
    const world = after(model, steps.slice(0, at));
    if (world === null) return null;
    const other = drawn(model, world, draw);
    if (other === null) continue;
    const all = [...steps.slice(0, at), other, ...steps.slice(isAdded ? at : at + 1)];
    if (!known.has(JSON.stringify(all)) && after(model, all) !== null) return all;
  }
  return null;
}

/** The world after steps that go as they should; null if one of them is not possible. */
function after<W, S, H>(model: Model<W, S, H>, steps: readonly Step[]): W | null {
  let world = asking('the', 'model', 'start', () => model.start());
  for (const step of steps) {
    const operation = model.operations.get(step.operation);
    const now = world;
    if (
      operation === undefined ||
      !asking('operation', step.operation, 'allowed', () => operation.allowed(now, step.args))
    )
      return null;
    world = assumed(model, world, step);
  }
  return world;
}

/** One of the operations, each with the same probability, with any of its arguments; null if it is not possible now. */
function drawn<W, S, H>(model: Model<W, S, H>, world: W, draw: () => number): Step | null {
  const all = [...model.operations];
  const [name, operation] = all[Math.floor(draw() * all.length)] ?? [];
  if (name === undefined || operation === undefined) return null;
  const choices = asking('operation', name, 'choices', () => operation.choices(world));
  const args = choices[Math.floor(draw() * choices.length)];
  return args === undefined ? null : { operation: name, args: { ...args } };
}
