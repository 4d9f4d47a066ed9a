import type { Claim, Levers } from './host.ts';
import type { Observation } from './observation.ts';
import { type Need, type Role, roleOf } from './role.ts';
import { looked } from './transitions/lookup.ts';
import { laidOut, type World } from './world.ts';

/** Arguments of an operation: a small JSON object with an ordinary prototype. */
export type Args = Readonly<Record<string, string | number | boolean>>;

/** One thing that can happen to the machine. Its name is the name of its file. */
export interface Operation<A extends Args = Args, W = World, H = Levers> {
  /**
   * `drift` is done behind the owner's back and vouches for nothing; a `command` makes a claim that the machine is
   * held to.
   */
  readonly kind: 'drift' | 'command';
  /** What it is there for, by the first lever that it pulls; promises go by it. */
  readonly role: Role;
  /** The levers that it pulls, no more and no fewer. */
  readonly needs: readonly Need[];
  /** Names that it had before: what was saved under one of them is still replayed. */
  readonly formerly?: readonly string[];
  /** A plain sentence for reports, without a full stop: `edit web-stack.service in place`. */
  describe(args: A): string;
  /** Finite, simplest first: the generator draws from it, the shrinker descends it. Each must be allowed. */
  choices(world: W): readonly A[];
  /** How often it is drawn compared with the others; 1 where it is not given. */
  readonly weight?: number;
  /** Precondition; asked again of every shrunk or replayed step. */
  allowed(world: W, args: A): boolean;
  /** For real, by levers only. The world is what we believed before: it holds what the operator's files say. */
  apply(host: H, args: A, world: W): Promise<Claim>;
  /**
   * What in the world would make a failure of this operation honest, one reason each; empty where it must succeed. Drift that a policy
   * refuses to overwrite, a missing secret, a manager that is down: facts of the model, never a list of known bugs.
   */
  mayFail?(world: W, args: A): readonly string[];
  /**
   * What in the world makes success impossible: a required file that is missing, an image that cannot run. It may fail for
   * these too, and a success in spite of one is a lie.
   */
  mustFail?(world: W, args: A): readonly string[];
  /** Model transition, pure: what a machine that does not lie shows after this claim. */
  expected(world: W, args: A, claim: Claim): W;
}

/** An operation by name, with its arguments. Plain JSON: what a corpus entry stores. */
export interface Step {
  readonly operation: string;
  readonly args: Args;
}

/** The same steps under today's names of their operations; a name that no operation has, or had, stays as it is. */
export function underCurrentNames(
  operations: ReadonlyMap<string, Pick<Operation, 'formerly'>>,
  steps: readonly Step[],
): readonly Step[] {
  if (steps.every(({ operation }) => operations.has(operation))) return steps;
  return steps.map(step => ({ ...step, operation: currentName(operations, step.operation) }));
}

/** Today's name of an operation; a name that no operation has, or had, stays as it is. */
export function currentName(operations: ReadonlyMap<string, Pick<Operation, 'formerly'>>, name: string): string {
  if (operations.has(name)) return name;
  for (const [current, { formerly }] of operations) if (formerly?.includes(name)) return current;
  return name;
}

/** A step that was taken, with all that is known of it. */
export interface StepRecord<W = World, S = Observation> {
  readonly step: Step;
  readonly kind: Operation['kind'];
  readonly role: Role;
  readonly claim: Claim;
  readonly mayFail: readonly string[];
  readonly mustFail: readonly string[];
  readonly before: W;
  readonly after: W;
  /** What was seen before it. */
  readonly seenBefore: S;
}

/** What was done, and what for; of what it said which part of it failed. */
export type Done = Pick<StepRecord, 'step' | 'role'> & { readonly claim?: Pick<Claim, 'failed'> };

/** An operation without its role, which follows from what it needs. */
export interface Definition<A extends Args> extends Omit<Operation<A>, 'role' | 'needs'> {
  readonly needs: readonly [Need, ...Need[]];
}

/**
 * Makes an operation, a module's default export, and lets TypeScript infer its arguments. After each one the machine is
 * looked at, by which the user manager is asked for every unit.
 */
export const operation = <A extends Args>(definition: Definition<A>): Operation<A> => ({
  ...definition,
  role: roleOf(definition.needs),
  expected: (world, args, claim) => {
    const after = definition.expected(world, args, claim);
    return looked(after === world ? world : laidOut(after));
  },
});
