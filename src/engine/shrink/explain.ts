import type { Step } from '../../../models/operation.ts';
import { keyOf, type TriedCandidate } from './accept.ts';

/** What is known about one step of the shortest sequence. */
export interface StepFact {
  readonly index: number;
  /**
   * `proved`: without it everything holds. `other`: without it another promise is broken. `unproved`: it was not tried, or
   * there was no verdict.
   */
  readonly necessary: 'proved' | 'other' | 'unproved';
  /** Indexes of steps that are possible only because of this one. */
  readonly enables: readonly number[];
  /** The same step with other arguments, and the result of that. */
  readonly instead: readonly { readonly step: Step; readonly outcome: TriedCandidate['outcome'] }[];
}

/** Why the shortest sequence is the shortest: facts for a report. */
export interface Explanation {
  readonly steps: readonly StepFact[];
  /** The most similar sequence that held. */
  readonly nearest?: Nearest;
  /** Indexes of the steps whose operation every failing sequence had, with any arguments. */
  readonly always: readonly number[];
  readonly failed: number;
  readonly held: number;
}

/** A sequence that held, and its difference from the shortest one. */
export interface Nearest {
  readonly steps: readonly Step[];
  /** Indexes of steps of the shortest sequence that it lacks. */
  readonly lacks: readonly number[];
  /** Indexes of its steps that the shortest sequence lacks. */
  readonly extra: readonly number[];
}

/** Compares the shortest failing sequence with everything that was tried before. */
export function explanationOf(
  steps: readonly Step[],
  tried: readonly TriedCandidate[],
  repair: (steps: readonly Step[]) => readonly Step[],
): Explanation {
  const outcomes = new Map(tried.map(entry => [keyOf(entry.steps), entry.outcome]));
  const failed = tried.filter(entry => entry.outcome === 'same');
  const held = tried.filter(entry => entry.outcome === 'held');
  const nearest = nearestOf(steps, held);
  return {
    steps: steps.map((_, index) => factOf(steps, index, tried, outcomes, repair)),
    ...(nearest === undefined ? {} : { nearest }),
    always: failed.reduce<readonly number[]>(
      (left, entry) => left.filter(index => !lacking(steps, entry.steps, nameOf).includes(index)),
      steps.map((_, index) => index),
    ),
    failed: failed.length,
    held: held.length,
  };
}

function factOf(
  steps: readonly Step[],
  index: number,
  tried: readonly TriedCandidate[],
  outcomes: ReadonlyMap<string, TriedCandidate['outcome']>,
  repair: (steps: readonly Step[]) => readonly Step[],
): StepFact {
  const without = steps.filter((_, at) => at !== index);
  const possible = repair(without);
  // Up to its last step the shortest sequence itself held.
  const outcome = possible.length === 0 || index === steps.length - 1 ? 'held' : outcomes.get(keyOf(possible));
  const necessary = outcome === 'held' ? 'proved' : outcome === 'other' ? 'other' : 'unproved';
  const enables = indices(steps, at => at !== index && !possible.includes(steps[at] as Step));
  return { index, necessary, enables, instead: insteadOf(steps, index, tried) };
}

/** Sequences tried that differ from the shortest one only in the arguments of this step. */
function insteadOf(steps: readonly Step[], index: number, tried: readonly TriedCandidate[]): StepFact['instead'] {
  const now = steps[index] as Step;
  const seen = new Set([keyOf([now])]);
  const others: { step: Step; outcome: TriedCandidate['outcome'] }[] = [];
  for (const { steps: candidate, outcome } of tried) {
    const step = candidate[index];
    if (step === undefined || step.operation !== now.operation || seen.has(keyOf([step]))) continue;
    if (keyOf(candidate) !== keyOf(steps.with(index, step))) continue;
    seen.add(keyOf([step]));
    others.push({ step, outcome });
  }
  return others;
}

function nearestOf(steps: readonly Step[], held: readonly TriedCandidate[]): Nearest | undefined {
  const of = (step: Step): string => keyOf([step]);
  const distance = ({ lacks, extra }: Nearest): number => lacks.length + extra.length;
  return held
    .map(entry => ({
      steps: entry.steps,
      lacks: lacking(steps, entry.steps, of),
      extra: lacking(entry.steps, steps, of),
    }))
    .filter(one => one.lacks.length > 0)
    .sort((one, other) => distance(one) - distance(other) || one.extra.length - other.extra.length)[0];
}

const nameOf = (step: Step): string => step.operation;

/** Indexes of the steps that the other sequence lacks; a step that is there twice must be there twice. */
function lacking(steps: readonly Step[], others: readonly Step[], of: (step: Step) => string): readonly number[] {
  const left = others.map(of);
  return indices(steps, index => {
    const place = left.indexOf(of(steps[index] as Step));
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

const indices = (steps: readonly Step[], wanted: (index: number) => boolean): readonly number[] =>
  steps.map((_, index) => index).filter(wanted);
