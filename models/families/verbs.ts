import type { Verb } from '../host.ts';
import { unitOf } from '../machine/search-path.ts';
import { type Args, type Operation, operation } from '../operation.ts';
import { driftedOf } from '../transitions/generations.ts';
import { doubtsAbout, failedToStart, started, startMustFail, troubleWith } from '../transitions/lifecycle.ts';
import { stackIn, staleIn, unknownIn } from '../transitions/systemd.ts';
import type { World } from '../world.ts';

/** What an operator types on a stack's unit: `systemctl --user VERB UNIT`. */
export interface UserVerb {
  readonly verb: Verb;
  readonly kind: Operation['kind'];
  readonly weight?: number;
  /** A sentence's beginning: `restart`. */
  readonly says: string;
  /** When the verb applies; a running user manager is always needed and is not repeated here. */
  possible?(world: World, stack: string): boolean;
  mayFail?(world: World, stack: string): readonly string[];
  mustFail?(world: World, stack: string): readonly string[];
  expected(world: World, stack: string, ok: boolean): World;
}

/** An operation that applies a verb of systemctl to a stack's unit, in whatever state the unit is. */
export function userVerb(rule: UserVerb): Operation<Args & { stack: string }> {
  const allowed = (world: World, stack: string) =>
    world.manager === 'running' && Object.hasOwn(world.stacks, stack) && (rule.possible?.(world, stack) ?? true);
  const { mayFail, mustFail } = rule;
  return operation({
    kind: rule.kind,
    needs: [`systemctl ${rule.verb}`],
    weight: rule.weight ?? 1,
    describe: ({ stack }) => `${rule.says} ${unitOf(stack)}`,
    choices: world =>
      Object.keys(world.stacks)
        .filter(stack => allowed(world, stack))
        .map(stack => ({ stack })),
    allowed: (world, { stack }) => allowed(world, stack),
    apply: (host, { stack }) => host.systemctl(rule.verb, unitOf(stack)),
    mayFail: (world, { stack }) => [...unknownIn(world), ...(mayFail?.(world, stack) ?? [])],
    mustFail: (world, { stack }) => (world.uncertain === null ? (mustFail?.(world, stack) ?? []) : []),
    expected: (world, { stack }, claim) => rule.expected(world, stack, claim.ok),
  });
}

/** Honest reasons for a start to fail, besides those that make it impossible. */
const startMayFail = (world: World, stack: string): readonly string[] => [
  ...driftedOf(world, stack).map(path => `${path} has drifted`),
  ...staleIn(world, stack),
  ...troubleWith(world, stack),
  ...doubtsAbout(world, stack),
];

/** The rules of a verb that starts the unit. */
export const starting = {
  mayFail: startMayFail,
  mustFail: startMustFail,
  expected: (world: World, stack: string, ok: boolean): World =>
    ok ? started(world, stack) : failedToStart(world, stack),
} as const;

/** Whether the unit has a job or a process now. */
export const isActive = (world: World, stack: string): boolean => stackIn(world, stack).active === 'active';
