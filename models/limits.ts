import { type Args, type Operation, type Step, underCurrentNames } from './operation.ts';
import type { Declarable, Lacks, Need } from './role.ts';

/** What a machine cannot do, and what its owner does not allow. */
export interface MachineLimits {
  /** Why the machine does not have a lever, in words; null where it has it. */
  lacks(need: Need): string | null;
  /** Why an operation must not be done although the machine could do it; null where it may be done. */
  refuses(operation: string, needs: readonly Need[]): string | null;
  /** Why what an operation edits has no meaning, in words; null where it has one. */
  lacksDeclaring?(what: Declarable): string | null;
  /** Whether these arguments name only what may be changed. */
  takes(args: Args): boolean;
}

/** What has no meaning under a profile. */
export const limitsOfProfile = (lacks: Lacks): MachineLimits => ({
  lacks: need => lacks[need] ?? null,
  refuses: () => null,
  lacksDeclaring: what => lacks[`declare ${what}`] ?? null,
  takes: () => true,
});

/** Both limits; what both leave out, the first gives the reason for. */
export const bothLimits = (one: MachineLimits, other: MachineLimits): MachineLimits => ({
  lacks: need => one.lacks(need) ?? other.lacks(need),
  refuses: (operation, needs) => one.refuses(operation, needs) ?? other.refuses(operation, needs),
  lacksDeclaring: what => one.lacksDeclaring?.(what) ?? other.lacksDeclaring?.(what) ?? null,
  takes: args => one.takes(args) && other.takes(args),
});

/** The operations that remain, and why each of the others was left out. */
export interface Limited {
  readonly operations: ReadonlyMap<string, Operation>;
  /** Operation name → why it is left out. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/**
 * Leaves out the operations that such a machine cannot or must not do. Known before a plan is drawn, so that no plan stops
 * because of them.
 */
export function withinLimits(operations: ReadonlyMap<string, Operation>, limits: MachineLimits): Limited {
  const leftOut = new Map<string, string>();
  const left = new Map<string, Operation>();
  for (const [name, operation] of operations) {
    const reason = reasonFor(name, operation, limits);
    if (reason === null) left.set(name, takingOnly(operation, limits));
    else leftOut.set(name, reason);
  }
  return { operations: left, leftOut };
}

const takingOnly = (operation: Operation, { takes }: MachineLimits): Operation => ({
  ...operation,
  choices: world => operation.choices(world).filter(takes),
  allowed: (world, args) => takes(args) && operation.allowed(world, args),
});

/** Why an operation is left out by these limits; null where it is not. */
export const reasonFor = (
  name: string,
  { needs, declares }: Pick<Operation, 'needs' | 'declares'>,
  limits: MachineLimits,
): string | null =>
  needs.map(need => limits.lacks(need)).find(reason => reason !== null) ??
  (declares && limits.lacksDeclaring?.(declares)) ??
  limits.refuses(name, needs);

/** A step that is left out by limits, and why; `isWhole` where the operation is, whatever its arguments. */
interface Beyond {
  readonly operation: string;
  readonly reason: string;
  readonly isWhole: boolean;
}

/** The first of these steps that cannot or must not be done on such a machine; null where all of them may. */
export function firstBeyond(
  limits: MachineLimits,
  operations: ReadonlyMap<string, Operation>,
  steps: readonly Step[],
): Beyond | null {
  for (const { operation: name, args } of underCurrentNames(operations, steps)) {
    const operation = operations.get(name);
    if (operation === undefined) continue;
    const reason = reasonFor(name, operation, limits);
    if (reason !== null) return { operation: name, reason, isWhole: true };
    if (!limits.takes(args))
      return {
        operation: name,
        reason: `would reach beyond what may be touched: ${operation.describe(args)}`,
        isWhole: false,
      };
  }
  return null;
}

/** Why some of these steps cannot or must not be done on such a machine, in words; null where all of them may. */
export function beyondLimitsOf(
  limits: MachineLimits,
  operations: ReadonlyMap<string, Operation>,
  steps: readonly Step[],
): string | null {
  const beyond = firstBeyond(limits, operations, steps);
  if (beyond === null) return null;
  return beyond.isWhole ? `${beyond.operation} is left out: ${beyond.reason}` : `${beyond.operation} ${beyond.reason}`;
}
