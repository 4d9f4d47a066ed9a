import type { Claim, Levers } from './host.ts';
import type { Observation } from './observation.ts';
import { type Declarable, type Need, type Role, roleOf } from './role.ts';
import { looked } from './transitions/lookup.ts';
import { laidOut, type World } from './world.ts';

/** Arguments of an operation: a small JSON object with an ordinary prototype. */
export type Args = Readonly<Record<string, string | number | boolean>>;

/** One thing that can happen to the machine. Its name is the name of its file. */
export interface Operation<A extends Args = Args, W = World, H = Levers> {
  /**
   * A `drift` happens without the owner's knowledge and promises nothing; a `command` makes a claim that the machine is checked
   * against.
   */
  readonly kind: 'drift' | 'command';
  /** Its purpose, which follows from the first lever that it uses; promises ask for it. */
  readonly role: Role;
  /** Exactly the levers that it uses. */
  readonly needs: readonly Need[];
  /** What it edits of a service that not every way of running it knows. */
  readonly declares?: Declarable;
  /** Its earlier names: what was saved under one of them is still replayed. */
  readonly formerly?: readonly string[];
  /** A plain sentence for reports, without a full stop: `edit web-stack.service in place`. */
  describe(args: A): string;
  /**
   * All possible arguments, simplest first: the generator draws from them, the shrinker tries the earlier ones. Each must be
   * allowed.
   */
  choices(world: W): readonly A[];
  /** How often it is drawn, relative to the others; 1 where it is not given. */
  readonly weight?: number;
  /** Precondition; checked again for every shrunk or replayed step. */
  allowed(world: W, args: A): boolean;
  /** Does it on the machine, with levers only. The world is the one before it: it holds what the operator's files say. */
  apply(host: H, args: A, world: W): Promise<Claim>;
  /**
   * Honest reasons for this operation to fail in this world; empty where it must succeed. Drift that a policy refuses to
   * overwrite, a missing secret, a manager that is down: facts of the model, never a list of known bugs.
   */
  mayFail?(world: W, args: A): readonly string[];
  /**
   * Why success is impossible in this world: a required file that is missing, an image that cannot run. It may fail for these
   * too, and a success in spite of one is a lie.
   */
  mustFail?(world: W, args: A): readonly string[];
  /** The world after this claim, on a machine that does not lie. Pure. */
  expected(world: W, args: A, claim: Claim): W;
}

/** An operation by name, with its arguments. Plain JSON: what a corpus entry stores. */
export interface Step {
  readonly operation: string;
  readonly args: Args;
}

/** The same steps with the current names of their operations; a name that no operation has or had stays as it is. */
export function underCurrentNames(
  operations: ReadonlyMap<string, Pick<Operation, 'formerly'>>,
  steps: readonly Step[],
): readonly Step[] {
  if (steps.every(({ operation }) => operations.has(operation))) return steps;
  return steps.map(step => ({ ...step, operation: currentName(operations, step.operation) }));
}

/** The current name of an operation; a name that no operation has or had stays as it is. */
export function currentName(operations: ReadonlyMap<string, Pick<Operation, 'formerly'>>, name: string): string {
  if (operations.has(name)) return name;
  for (const [current, { formerly }] of operations) if (formerly?.includes(name)) return current;
  return name;
}

/** A step that was done, with everything that is known about it. */
export interface StepRecord<W = World, S = Observation> {
  readonly step: Step;
  readonly kind: Operation['kind'];
  readonly role: Role;
  readonly claim: Claim;
  readonly mayFail: readonly string[];
  readonly mustFail: readonly string[];
  readonly before: W;
  readonly after: W;
  /** The observation before it. */
  readonly seenBefore: S;
}

/** The step, its role, and which part of it failed. */
export type Done = Pick<StepRecord, 'step' | 'role'> & { readonly claim?: Pick<Claim, 'failed'> };

/** An operation without its role, which is derived from `needs`. */
export interface Definition<A extends Args> extends Omit<Operation<A>, 'role' | 'needs'> {
  readonly needs: readonly [Need, ...Need[]];
}

/**
 * Makes an operation, the default export of a module, and lets TypeScript infer its arguments. The machine is looked at after
 * each operation; the look asks the user manager for every unit.
 */
export const operation = <A extends Args>(definition: Definition<A>): Operation<A> => ({
  ...definition,
  role: roleOf(definition.needs),
  expected: (world, args, claim) => {
    const after = definition.expected(world, args, claim);
    return looked(after === world ? world : laidOut(after));
  },
});
