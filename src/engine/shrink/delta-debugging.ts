import type { Step } from '../../../models/operation.ts';
import { asking } from '../run/crash.ts';
import { type Gate, inherited, keyOf } from './accept.ts';
import { adapted, repaired } from './repair.ts';

/** The cost of a fresh machine, in operations: the next one boots while this one is used, but it always costs something. */
const reset = 1;

/** Simpler names are tried together with leaving steps out, until this number of such candidates held. */
const renamings = 2;

/** Arguments are simplified before single steps are tried, once so few steps are left, and each is so likely needed. */
const few = { steps: 4, chance: 0.4 };

/**
 * Probabilistic delta debugging (Wang and others, ESEC/FSE 2021): leaves out the steps with the greatest expected gain, learns
 * from every answer, and ends when each step left is known to be needed. `bearings` is how likely each step is needed, before
 * anything was tried. `simplify` makes names and arguments simpler; it is called once, before single steps are tried, because
 * what is known of a single step holds for its arguments only.
 */
export async function deltaDebug<W, S, H>(
  open: Gate<W, S, H>,
  bearings: ReadonlyMap<Step, number>,
  simplify: () => Promise<void>,
): Promise<void> {
  const chances = new Map(bearings);
  const chanceOf = (step: Step): number => chances.get(step) ?? 1;
  /** A step that was replaced is as likely needed as the one before it. */
  const handOn = (from: readonly Step[], to: readonly Step[]): void => {
    to.forEach((step, index) => {
      chances.set(step, chanceOf(from[index] as Step));
    });
  };
  let simple = false;
  for (let left = renamings; ; ) {
    const { best } = open;
    const out = hopeful(best, chanceOf);
    if (out.size === 0) return;
    const isLate = out.size === 1 && best.length <= few.steps && best.every(step => chanceOf(step) >= few.chance);
    if (isLate && !simple) {
      simple = true;
      await simplify();
      if (open.best.length === best.length) handOn(best, open.best);
      continue;
    }
    const rest = best.filter(step => !out.has(step));
    const kept = possible(open, rest);
    if (kept.length === rest.length) handOn(rest, kept);
    const renamed = left > 0 ? simplerNames(open, kept)[0] : undefined;
    if (renamed !== undefined) handOn(kept, renamed);
    const why = out.size === 1 ? 'one step less' : `${out.size} steps less`;
    // Nothing can be gained without the last operation: the violation shows there.
    const isWorthIt = kept.at(-1)?.operation === best.at(-1)?.operation;
    if (isWorthIt && (await open.accept(renamed ?? kept, why, kept))) continue;
    if (isWorthIt && renamed !== undefined) left--;
    // At least one of them is needed: the fewer they were, the likelier each is.
    let none = 1;
    for (const step of out) none *= 1 - chanceOf(step);
    for (const step of out) chances.set(step, out.size === 1 ? 1 : Math.min(1, chanceOf(step) / (1 - none)));
  }
}

/**
 * The steps that are still possible. The last one is where the violation shows; if that one is not possible as it was, steps
 * get the arguments of the nearest choice.
 */
function possible<W, S, H>({ model, memory }: Gate<W, S, H>, steps: readonly Step[]): readonly Step[] {
  const kept = repaired(model, steps, memory);
  return kept.at(-1) === steps.at(-1) ? kept : adapted(model, steps, memory);
}

/** The steps under simpler names, simplest first, if the names differ and every step stays possible. */
export function simplerNames<W, S, H>(
  { model, memory }: Gate<W, S, H>,
  steps: readonly Step[],
): readonly (readonly Step[])[] {
  const all = asking('the', 'model', 'renamed', () => model.renamed?.(steps) ?? []);
  return all.filter(
    simple =>
      keyOf(simple) !== keyOf(steps) &&
      repaired(model, simple, inherited(memory, simple, steps)).length === steps.length,
  );
}

/**
 * The steps with the greatest expected gain for the cost of a try: the more steps the better, and the likelier that none is
 * needed.
 */
function hopeful(steps: readonly Step[], chanceOf: (step: Step) => number): ReadonlySet<Step> {
  const order = steps.filter(step => chanceOf(step) < 1).sort((one, other) => chanceOf(one) - chanceOf(other));
  let best = 0;
  let size = 0;
  let all = 1;
  order.forEach((step, index) => {
    all *= 1 - chanceOf(step);
    const gain = (all * (index + 1)) / (steps.length - index - 1 + reset);
    if (gain <= best) return;
    best = gain;
    size = index + 1;
  });
  return new Set(order.slice(0, size));
}
