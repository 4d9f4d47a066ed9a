import type { MachineLimits } from '../../models/limits.ts';
import type { Context } from './context.ts';
import type { Target } from './options.ts';

/**
 * What the target's machine can do and its owner allows; undefined where it is nobody's own machine.
 * @throws Problem, Unreachable
 */
export async function limitsFor(
  target: Target,
  operations: ReadonlyMap<string, unknown>,
): Promise<MachineLimits | undefined> {
  if (target.own === undefined) return undefined;
  // Only now: other searches need nothing of this.
  const { limitsOfOwn } = await import('./own.ts');
  return limitsOfOwn(target, target.own, operations);
}

/** Says what is left out, and why: one line for each reason. */
export function noteLeftOut(leftOut: ReadonlyMap<string, string>, name: string, context: Pick<Context, 'note'>): void {
  const reasons = new Map<string, string[]>();
  for (const [operation, reason] of leftOut) reasons.set(reason, [...(reasons.get(reason) ?? []), operation]);
  for (const [reason, operations] of reasons)
    context.note(`Left out on ${name}: ${operations.join(', ')} (${reason}).`);
}
