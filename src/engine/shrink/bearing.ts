import type { Step } from '../../../models/operation.ts';
import { differences } from '../run/compare.ts';
import { asking } from '../run/crash.ts';
import { equal } from '../run/equal.ts';
import type { Model, Run } from '../types.ts';
import type { Gate } from './accept.ts';
import { type ClaimMemory, repaired, walked } from './repair.ts';

/**
 * How likely a step is needed, before anything was tried: the share of needed steps of each kind, counted on failing runs of
 * the toy's bugs and of the simulated home-manager. The last step nearly always is, because the violation showed there. For the
 * others it depends on what changes in the model without the step, and on whether the step concerns something that the
 * violation names.
 */
const last = 0.98;
const priors = {
  /** Fields that are not as expected. */
  exact: { named: 0.6, other: 0.2 },
  /** Other fields of the things that are not as expected. */
  near: { named: 0.45, other: 0.05 },
  /** Fields that the last step changes. */
  closing: { named: 0.25, other: 0.15 },
  elsewhere: { named: 0.2, other: 0.02 },
  /** Nothing: it was undone or overwritten later. */
  nothing: { named: 0.1, other: 0.015 },
} as const;

/** How likely each step of a failing run is needed for its violation. */
export function bearings<W, S, H>({ model, run, best, memory }: Gate<W, S, H>): ReadonlyMap<Step, number> {
  if (best.length === 0) return new Map();
  const before = best.slice(0, -1);
  const shown = shownAfter(model, before, memory);
  const wrong = wrongIn(model, run);
  const closing = placesIn(differences(shown, shownAfter(model, best, memory)));
  const names = namesIn(best, run, wrong);
  const left = remaining(model, before, memory, shown);
  const chances = before.map(step => {
    const changed = left.includes(step)
      ? differences(
          shown,
          shownAfter(
            model,
            left.filter(other => other !== step),
            memory,
          ),
        )
      : [];
    const places = placesIn(changed);
    const shares = (others: ReadonlySet<string>): boolean => [...places].some(place => others.has(place));
    const effect =
      changed.length === 0
        ? 'nothing'
        : shares(placesIn(wrong))
          ? 'exact'
          : changed.some(change => wordsIn(change).some(word => names.has(word)))
            ? 'near'
            : shares(closing)
              ? 'closing'
              : 'elsewhere';
    const isNamed = argumentsOf(step).some(word => names.has(word));
    return [step, priors[effect][isNamed ? 'named' : 'other']] as const;
  });
  return new Map([...chances, [best.at(-1) as Step, last]]);
}

/** Longest run of steps that is checked for steps that undo each other. */
const longestUndone = 6;

/** The steps without those, single or several in a row, that leave nothing behind: without them the model shows the same. */
function remaining<W, S, H>(
  model: Model<W, S, H>,
  steps: readonly Step[],
  memory: ClaimMemory,
  shown: unknown,
): readonly Step[] {
  let left = steps;
  for (let size = longestUndone; size > 0; size--)
    for (let at = 0; at + size <= left.length; ) {
      const without = left.toSpliced(at, size);
      const isSame =
        equal(shownAfter(model, without, memory), shown) && repaired(model, without, memory).length === without.length;
      if (isSame) left = without;
      else at++;
    }
  return left;
}

/** What a faultless machine would show after these steps, without volatile fields. */
export function shownAfter<W, S, H>(model: Model<W, S, H>, steps: readonly Step[], memory: ClaimMemory): unknown {
  const { world } = walked(model, steps, memory);
  return asking('the', 'model', 'expectedObservation', () => {
    const expectedObservation = model.expectedObservation(world);
    return model.lasting(expectedObservation, expectedObservation);
  });
}

/** Paths at which the machine is not as expected. */
function wrongIn<W, S, H>(model: Model<W, S, H>, { seen, expected }: Run<W, S>): readonly string[] {
  if (seen === undefined || expected === undefined) return [];
  return asking('the', 'model', 'lasting', () =>
    differences(model.lasting(expected, expected), model.lasting(seen, expected)),
  );
}

/** The parts of the machine that the violation is about: by the fields that are wrong, or else by its words. */
function namesIn<W, S>(steps: readonly Step[], { verdict }: Run<W, S>, wrong: readonly string[]): ReadonlySet<string> {
  const known = new Set(steps.flatMap(argumentsOf));
  const of = (texts: Iterable<string>) => new Set([...texts].flatMap(wordsIn).filter(word => known.has(word)));
  const details = verdict.kind === 'violated' ? verdict.violation.details : [];
  const candidates = [of(placesIn(wrong)), of([...wrong, ...details.slice(0, 1)]), new Set(argumentsOf(steps.at(-1)))];
  return candidates.find(({ size }) => size > 0) ?? new Set();
}

const placesIn = (found: readonly string[]): ReadonlySet<string> =>
  new Set(found.map(sentence => sentence.slice(0, sentence.indexOf(': expected '))));

const argumentsOf = (step: Step | undefined): readonly string[] =>
  Object.values(step?.args ?? {}).flatMap(value => wordsIn(String(value)));

const wordsIn = (text: string): readonly string[] => text.split(/[^A-Za-z0-9]+/).filter(word => word !== '');
