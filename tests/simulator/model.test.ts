import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Claim } from '../../models/host.ts';
import type { Step, StepRecord } from '../../models/operation.ts';
import type { World } from '../../models/world.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { imitatedProfiles } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { shareIn, shareVariable } from '../../src/setup/share.mjs';

/** Number of plans of each kind: all shares together draw so many, each share others. Set STACKFUZZ_SEED to draw others. */
const share = shareIn(process.env[shareVariable]);
const plans = Math.ceil(20_000 / (share?.of ?? 1));
const seed = Number(process.env.STACKFUZZ_SEED ?? 1 + (share?.nth ?? 0));
/** Milliseconds: only a limit against hanging, on busy machines. */
const patience = 600_000;
const kinds = imitatedProfiles.flatMap(profile =>
  targetOf(profile).profile.providers.map(provider => ({ profile, provider })),
);

const no = (status: number, message: string, more: Partial<Claim> = {}): Claim => ({
  ok: false,
  status,
  message,
  ...more,
});
const updates = (updated: string) =>
  ['web', 'duo'].map(stack => ({ unit: `${stack}-stack.service`, container: stack, updated }));

/** Any claim that an operation may make. */
const claims: readonly Claim[] = [
  { ok: true, status: 0, message: '' },
  { ok: true, status: 0, message: '', updates: updates('true') },
  no(1, ''),
  no(4, 'a reason\nwarning: the following units failed: home-manager-homelab.service', {
    outcomes: [{ kind: 'refused' }],
  }),
  no(1, 'it failed', { outcomes: [{ kind: 'rolled-back', unit: 'web-stack.service' }] }),
  no(137, 'killed'),
  no(125, 'rolled back', { updates: updates('rolled back') }),
  no(1, 'it did not start', { updates: updates('failed'), log: 'web-stack.service: failed' }),
];

const catalog = await loadCatalog();
const names = [...catalog.operations.keys()];

/** Few operations in a plan, so that each is done often; then the numbers that choose each step from what is possible. */
const plan = fc.record({
  among: fc.shuffledSubarray(names, { minLength: 3, maxLength: 8 }),
  draws: fc.array(fc.record({ operation: fc.nat(), choice: fc.nat(), claim: fc.constantFrom(...claims) }), {
    maxLength: 8,
    size: 'max',
  }),
});

describe.each(kinds)('the model of $profile with $provider', ({ profile, provider }) => {
  const model = modelOf(catalog, modelConfigOf(targetOf(profile, provider)));

  test(
    `answers all that is asked of it, in ${plans} plans and whatever is claimed`,
    () => {
      const property = fc.property(plan, ({ among, draws }) => {
        let world = model.start();
        const history: StepRecord[] = [];
        const drawn: Step[] = [];
        for (const { operation, choice, claim } of draws) {
          const step = stepIn(world, among[operation % among.length] as string, choice) ?? drawn[choice % drawn.length];
          if (step === undefined) continue;
          drawn.push(step);
          const record = taken(world, step, claim);
          if (record === undefined) continue;
          history.push(record);
          world = record.after;
        }
        judged(history);
      });
      expect(() => fc.assert(property, { numRuns: plans, seed })).not.toThrow();
    },
    patience,
  );

  /** Checks every promise with what a faultless machine shows in the end, and with what a machine shows that did nothing. */
  function judged(history: readonly StepRecord[]): void {
    const last = history.at(-1);
    if (last === undefined) return;
    model.shape(last.mayFail.join('; '), last.after, last);
    for (const seen of [model.expectedObservation(last.after), model.expectedObservation(last.before)]) {
      for (const { broken } of model.invariants.values()) broken(seen, last.after, history);
    }
  }

  /** One of the present choices. */
  function stepIn(world: World, name: string, choice: number): Step | undefined {
    const choices = model.operations.get(name)?.choices(world) ?? [];
    const args = choices[choice % choices.length];
    return args && { operation: name, args };
  }

  /** Does a step, perhaps one that was chosen in another world; undefined if it is not possible. */
  function taken(before: World, step: Step, claim: Claim): StepRecord | undefined {
    const operation = model.operations.get(step.operation);
    if (!operation?.allowed(before, step.args)) return undefined;
    operation.describe(step.args);
    const mustFail = operation.mustFail?.(before, step.args) ?? [];
    const mayFail = [...mustFail, ...(operation.mayFail?.(before, step.args) ?? [])];
    // The claim decides how the plan goes on; the opposite claim is checked too.
    operation.expected(before, step.args, claims[claim.ok ? 2 : 0] as Claim);
    const after = operation.expected(before, step.args, claim);
    const { kind, role } = operation;
    return { step, kind, role, claim, mayFail, mustFail, before, after, seenBefore: model.expectedObservation(before) };
  }
});
