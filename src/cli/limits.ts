import { bothLimits, limitsOfProfile, type MachineLimits } from '../../models/limits.ts';
import { modelConfigOf } from '../profiles/setup.ts';
import type { Context } from './context.ts';
import type { Target } from './options.ts';

/**
 * What has a meaning under the target's profile, and what its machine can do and its owner allows; undefined where that is
 * everything.
 * @throws Problem, Unreachable
 */
export async function limitsFor(
  target: Target,
  operations: ReadonlyMap<string, unknown>,
): Promise<MachineLimits | undefined> {
  const { lacks } = modelConfigOf(target);
  const ofProfile = lacks === undefined ? undefined : limitsOfProfile(lacks);
  if (target.own === undefined) return ofProfile;
  // Only now: other searches need nothing of this.
  const { limitsOfOwn } = await import('./own.ts');
  const ofMachine = await limitsOfOwn(target, target.own, operations);
  return ofProfile === undefined ? ofMachine : bothLimits(ofProfile, ofMachine);
}

/** Says what is left out, and why: one line for each reason. */
export function noteLeftOut(leftOut: ReadonlyMap<string, string>, where: string, context: Pick<Context, 'note'>): void {
  const reasons = new Map<string, string[]>();
  for (const [operation, reason] of leftOut) reasons.set(reason, [...(reasons.get(reason) ?? []), operation]);
  for (const [reason, operations] of reasons) context.note(`Left out ${where}: ${operations.join(', ')} (${reason}).`);
}
