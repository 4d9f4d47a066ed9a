import { lasting, type Observation } from '../../models/observation.ts';
import type { World } from '../../models/world.ts';
import { differing } from '../engine/run/compare.ts';
import type { Run, Taken } from '../engine/types.ts';
import { reasonOf, stepWords, type Tellers } from './explain.ts';
import type { Difference, Report, ReportedMachine, Story, ToldStep } from './report.ts';

/** How long each step took, in seconds; nothing for a step that was not timed. */
export interface Stopwatch {
  begun(machine: number): void;
  ended(machine: number, taken: Taken): void;
  of(taken: Taken): number | undefined;
}

/** A clock for the beginnings and ends of steps; machines have numbers, since several work side by side. */
export function stopwatch(now: () => number = () => performance.now()): Stopwatch {
  const since = new Map<number, number>();
  const spent = new WeakMap<Taken, number>();
  return {
    begun: machine => void since.set(machine, now()),
    ended(machine, taken) {
      const start = since.get(machine);
      since.delete(machine);
      if (start !== undefined && !taken.skipped) spent.set(taken, Math.round(now() - start) / 1000);
    },
    of: taken => spent.get(taken),
  };
}

/**
 * A run in the form of a report: each step with its claim, the machine before and after, and the first difference from the
 * model.
 */
export function storyOf(
  operations: Tellers,
  run: Pick<Run<World, Observation>, 'verdict' | 'taken' | 'history' | 'seen' | 'expected'>,
  clock?: Pick<Stopwatch, 'of'>,
): Story {
  const { verdict, history, seen, expected } = run;
  const before = history[0]?.seenBefore;
  return {
    steps: run.taken.map(taken => toldStep(operations, taken, clock?.of(taken))),
    ...(before && { before: machineOf(before) }),
    ...(seen && { after: machineOf(seen) }),
    ...(verdict.kind === 'violated' && { parted: { after: verdict.violation.at, fields: parting(expected, seen) } }),
  };
}

function toldStep(operations: Tellers, taken: Taken, seconds: number | undefined): ToldStep {
  const { step, skipped, claim, mayFail } = taken;
  const says = claim === undefined || claim.ok ? '' : reasonOf(claim);
  return {
    operation: step.operation,
    args: step.args,
    words: stepWords(operations, step),
    kind: operations.get(step.operation)?.kind ?? 'command',
    ended: skipped ? 'skipped' : claim === undefined ? 'untold' : claim.ok ? 'succeeded' : 'failed',
    ...(claim?.ok === false && { status: claim.status }),
    ...(says !== '' && { says }),
    mayFail,
    ...(seconds !== undefined && { seconds }),
  };
}

/** The differences between what was expected and what was seen, without what may differ between two equal machines. */
function parting(expected: Observation | undefined, seen: Observation | undefined): readonly Difference[] {
  if (expected === undefined || seen === undefined) return [];
  const compared = (one: Observation) => lasting(one, expected.vague);
  return differing(compared(expected), compared(seen)).map(([at, place]) => ({
    at,
    ...(place.expected !== undefined && { expected: plain(place.expected) }),
    ...(place.found !== undefined && { actual: plain(place.found) }),
  }));
}

function machineOf({ vague: _, ...seen }: Observation): ReportedMachine {
  const { manager, generation, units, files, containers, strayTimers, leftovers } = seen;
  return plain({ manager, generation, units, files, containers, strayTimers, leftovers }) as ReportedMachine;
}

/** A value as it is after it was written as JSON and read again. */
const plain = (value: unknown): NonNullable<Difference['actual']> => JSON.parse(JSON.stringify(value));

/** The promises that are checked, by name. */
export const promisesOf = (
  invariants: ReadonlyMap<string, { readonly promise: string }>,
): Readonly<Record<string, string>> =>
  Object.fromEntries([...invariants].map(([name, { promise }]) => [name, promise]));

/** Hooks of a run that record in a clock when its steps begin and end. */
export const timing = (clock: Stopwatch, machine = 0) => ({
  onBegin: (): void => clock.begun(machine),
  onOperation: (taken: Taken): void => clock.ended(machine, taken),
});

/** How often each operation succeeded, failed or was left out, in all of these runs. */
export function coverageIn(stories: readonly (Story | undefined)[]): NonNullable<Report['coverage']> {
  const counts: Record<string, { succeeded: number; failed: number; justified: number; skipped: number }> = {};
  for (const { operation, ended, mayFail } of stories.flatMap(each => each?.steps ?? [])) {
    counts[operation] ??= { succeeded: 0, failed: 0, justified: 0, skipped: 0 };
    const count = counts[operation];
    if (ended !== 'untold') count[ended] += 1;
    if (mayFail.length > 0) count.justified += 1;
  }
  return counts;
}
