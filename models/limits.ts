import { type Args, type Operation, type Step, underCurrentNames } from './operation.ts';
import type { Need } from './role.ts';

/** What a machine cannot do, and what its owner does not want done to it. */
export interface MachineLimits {
  /** Why a lever is not there, in words; null where it is. */
  lacks(need: Need): string | null;
  /** Why an operation is not to be done although the machine could; null where it may be. */
  refuses(operation: string, needs: readonly Need[]): string | null;
  /** Whether these arguments stay within what may be touched. */
  takes(args: Args): boolean;
}

/** The operations that are left, and why each of the others is not there. */
export interface Limited {
  readonly operations: ReadonlyMap<string, Operation>;
  /** By name: why it is left out. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** What is left of the operations on such a machine: known before a plan is drawn, so that none is broken off for it. */
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

const reasonFor = (name: string, { needs }: Operation, limits: MachineLimits): string | null =>
  needs.map(need => limits.lacks(need)).find(reason => reason !== null) ?? limits.refuses(name, needs);

/** Why these steps cannot all be done on such a machine, or may not be; null where they may. */
export function beyondLimitsOf(
  limits: MachineLimits,
  operations: ReadonlyMap<string, Operation>,
  steps: readonly Step[],
): string | null {
  for (const { operation: name, args } of underCurrentNames(operations, steps)) {
    const operation = operations.get(name);
    if (operation === undefined) continue;
    const reason = reasonFor(name, operation, limits);
    if (reason !== null) return `${name} is left out: ${reason}`;
    if (!limits.takes(args)) return `${name} would reach beyond what may be touched: ${operation.describe(args)}`;
  }
  return null;
}
