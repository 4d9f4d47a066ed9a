import type { Step } from '../../models/operation.ts';
import type { Gate } from './accept.ts';

/**
 * How likely a step is needed, before anything was tried: the last one nearly always, for the violation showed there; one
 * that shares an argument with it more than one that does not.
 */
const prior = { last: 0.95, related: 0.25, other: 0.1 };

/** What a fresh machine costs, in operations: trying a short sequence is cheap, but never free. */
const reset = 3;

/**
 * Probabilistic delta debugging (Wang and others, ESEC/FSE 2021): leaves out the steps of which the most can be hoped for,
 * learns from every answer, and ends when each step left is known to be needed.
 */
export async function likely<W, S, H>(open: Gate<W, S, H>): Promise<void> {
  const chance = new Map(open.best.map(step => [step, priorOf(step, open.best)]));
  const chanceOf = (step: Step): number => chance.get(step) ?? 1;
  for (;;) {
    const before = open.best;
    const out = hopeful(before, chanceOf);
    if (out.size === 0) return;
    const kept = before.filter(step => !out.has(step));
    if (await open.accept(kept, out.size === 1 ? 'one step less' : `${out.size} steps less`)) continue;
    // One of them at least is needed: each is the likelier, the fewer they were.
    let none = 1;
    for (const step of out) none *= 1 - chanceOf(step);
    for (const step of out) chance.set(step, out.size === 1 ? 1 : Math.min(1, chanceOf(step) / (1 - none)));
  }
}

/** The steps that promise the most for what trying costs: the more the better, and the likelier all of them can go. */
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

function priorOf(step: Step, steps: readonly Step[]): number {
  const last = steps.at(-1);
  if (step === last) return prior.last;
  const values = Object.values(last?.args ?? {});
  return Object.values(step.args).some(value => values.includes(value)) ? prior.related : prior.other;
}
