import type { Operation, Step } from '../../../models/operation.ts';
import type { Role } from '../../../models/role.ts';
import { asking } from '../run/crash.ts';
import type { Model, Run } from '../types.ts';
import { type Bearing, bearing, type Opening } from './bearing.ts';

/** Something that is worth trying: its name, and its worth the first time. */
export type Goal = readonly [name: string, worth: number];

/** The aspect of a world in which nothing is special. */
const plain = 'nothing special';

/** Where a plan stands: the world that is believed, and the last few steps since the machine was whole. */
export interface PlanStanding<W> {
  readonly world: W;
  readonly openings: readonly Opening<W>[];
}

const remembered = 4;

/**
 * The worth of a goal. A role that was never tried is worth the most, then an operation, then what was done before it.
 * Arguments, and what else is special about the world, are worth the least.
 */
const worth = {
  role: 2,
  operation: 1,
  after: 1,
  afterLever: 1,
  afterWith: 0.25,
  arguments: 0.3,
  aspectOfRole: 0.5,
  aspectOfOperation: 0.1,
  drift: 0.05,
  aspectOfDrift: 0.01,
};

/** By how an earlier step bears on the command: putting right what had drifted is worth the most. */
const bears = { undoes: 1.5, fails: 1, acts: 1, not: 0.03 };

/** If nothing is special, the least is to be seen. */
const usual = 0.3;

/** An edit of a part makes it anew, whatever had become of it before. */
const edited = 0.5;

/** By the purpose of a command: one that only reads something again says little about who owns the machine. */
const ofRole: Readonly<Partial<Record<Role, number>>> = {
  rebuild: 1,
  rollback: 1,
  update: 1,
  'update-check': 1,
  start: 0.8,
  stop: 0.8,
  fault: 0.4,
  boot: 0.4,
  reload: 0.3,
};
const ofOthers = 0.2;

/**
 * The aspects of a world that concern a step: a step about one part sees that part only. A model that tells no aspects has one.
 */
export function aspectsFor<W, S, H>(model: Model<W, S, H>, world: W, part: string | undefined): readonly string[] {
  const found = asking('the', 'model', 'aspects', () => model.aspects?.(world, part) ?? []);
  return found.length === 0 ? [plain] : found;
}

/** An operation, and an aspect of the world that it was done in. */
const pairOf = (operation: string, aspect: string): string => `${operation} / ${aspect}`;

/** The goals that an operation about a part reaches, whatever its other arguments. */
export function goalsOf<W>(
  name: string,
  { kind, role }: Pick<Operation, 'kind' | 'role'>,
  part: string | undefined,
  aspects: readonly string[],
  openings: readonly Opening<W>[],
  bearingOf: Bearing<W>,
): readonly Goal[] {
  if (kind === 'drift')
    return [[name, worth.drift], ...aspects.map((aspect): Goal => [pairOf(name, aspect), worth.aspectOfDrift])];
  const times = ofRole[role] ?? ofOthers;
  const goals: Goal[] = [
    [`a ${role}`, worth.role * times],
    [name, worth.operation * times],
  ];
  for (const aspect of aspects)
    goals.push(
      [`a ${role} / ${aspect}`, (aspect === plain ? usual : 1) * worth.aspectOfRole * times],
      [pairOf(name, aspect), worth.aspectOfOperation * times],
    );
  // What two openings have in common is reached once.
  const after = new Map<string, number>();
  const add = (goal: string, value: number) => after.set(goal, Math.max(value, after.get(goal) ?? 0));
  for (const opening of openings) {
    const how = bearingOf(opening, name, part) ?? 'not';
    const factor =
      bears[how] * times * (role === 'rebuild' && part !== undefined && part === opening.part ? edited : 1);
    add(`a ${role} after ${opening.operation}, which it ${how}`, worth.after * factor);
    for (const lever of opening.levers)
      add(`a ${role} after something by ${lever}, which it ${how}`, worth.afterLever * factor);
    for (const value of opening.values) add(`a ${role} after ${opening.operation} ${value}`, worth.afterWith * factor);
  }
  return [...goals, ...after];
}

/** The goals that the arguments of a step reach. */
export function goalsOfArgs<W, S, H>(model: Model<W, S, H>, step: Step, world: W): readonly Goal[] {
  const { operation: name, args } = step;
  const does = model.operations.get(name);
  if (does === undefined) return [];
  const times = does.kind === 'drift' ? ofOthers : (ofRole[does.role] ?? ofOthers);
  const goals = valuesOf(model, step).map((value): Goal => [`${name} with ${value}`, worth.arguments * times]);
  const mustFail = asking('operation', name, 'mustFail', () => does.mustFail?.(world, args) ?? []);
  return mustFail.length === 0 ? goals : [...goals, [`${name} that must fail`, worth.operation * times]];
}

/** All goals that a step reaches. */
export function goalsOfStep<W, S, H>(
  model: Model<W, S, H>,
  { world, openings }: PlanStanding<W>,
  step: Step,
  bearingOf: Bearing<W>,
): readonly Goal[] {
  const does = model.operations.get(step.operation);
  if (does === undefined) return [];
  const part = model.parts?.of(step);
  const aspects = aspectsFor(model, world, part);
  return [...goalsOf(step.operation, does, part, aspects, openings, bearingOf), ...goalsOfArgs(model, step, world)];
}

/** Where a plan stands after a step that led to this world. */
export function standingAfter<W, S, H>(
  model: Model<W, S, H>,
  { world: before, openings }: PlanStanding<W>,
  step: Step,
  world: W,
): PlanStanding<W> {
  const isDrift = model.operations.get(step.operation)?.kind === 'drift';
  if (!isDrift && isWholeIn(model, world)) return { world, openings: [] };
  const { operation } = step;
  const levers = leversOf(model.operations.get(operation)?.needs ?? []);
  const part = model.parts?.of(step);
  const opening = { operation, part, levers, values: valuesOf(model, step), before, after: world };
  return { world, openings: [...openings, opening].slice(-remembered) };
}

/** The kinds of lever that an operation needs: `container` for `container stop`. */
const leversOf = (needs: Operation['needs']): readonly string[] => [
  ...new Set(needs.map(need => need.split(' ')[0] as string)),
];

/** Whether nothing is left to put right; false if the model does not say. */
export const isWholeIn = <W, S, H>(model: Model<W, S, H>, world: W): boolean =>
  asking('the', 'model', 'isWhole', () => model.isWhole?.(world) ?? false);

/** Computes for runs, in their order, which goals they have reached. */
export function reached<W, S, H>(
  model: Model<W, S, H>,
  bearingOf: Bearing<W> = bearing(model),
): (run: Pick<Run<W, S>, 'history'>) => readonly string[] {
  return ({ history }) => {
    let openings: readonly Opening<W>[] = [];
    return history.flatMap(({ step, before, after }) => {
      const goals = goalsOfStep(model, { world: before, openings }, step, bearingOf);
      ({ openings } = standingAfter(model, { world: before, openings }, step, after));
      return goals.map(([name]) => name);
    });
  };
}

/** The arguments of a step, without the part that it is about, as words. */
function valuesOf<W, S, H>({ parts }: Model<W, S, H>, step: Step): readonly string[] {
  const part = parts?.of(step);
  const other = parts?.names.find(name => name !== part);
  const moved = part === undefined || other === undefined ? undefined : parts?.moved([step], other)[0];
  return Object.entries(step.args).flatMap(([key, value]) =>
    part === undefined || moved?.args[key] === value ? [`${key} ${value}`] : [],
  );
}
