import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { expectedObservation } from '../models/expected-observation.ts';
import { homelab } from '../models/homelab.ts';
import type { Observation } from '../models/observation.ts';
import type { Operation, StepRecord } from '../models/operation.ts';
import { ownHomelab } from '../models/own-homelab.ts';
import { firstWorld } from '../models/transitions/first.ts';
import type { ModelConfig } from '../models/world.ts';
import { withAround } from './around.ts';
import type { Example, Invariant } from './invariant.ts';
import successWithoutErrors from './invariants/success-without-errors.ts';

const modules = import.meta.glob<{ default: Operation }>('../models/operations/**/*.ts', { eager: true });
const operations = new Map(
  Object.entries(modules).map(([path, module]) => [path.replace(/^.*\/|\.ts$/g, ''), module.default]),
);
const invariants = import.meta.glob<{ default: Invariant }>('./invariants/*.ts', { eager: true });
const named = Object.entries(invariants).map(
  ([path, module]) => [path.replace(/^.*\/|\.ts$/g, ''), module.default] as const,
);

const yes = { ok: true, status: 0, message: '' };

/** The history of an example, in the model only. */
function historyOf({ setup = homelab, after, claim }: Example): StepRecord[] {
  const history: StepRecord[] = [];
  let world = firstWorld(setup);
  after.forEach((step, index) => {
    const operation = operations.get(step.operation);
    if (operation === undefined) throw new Error(`no operation ${step.operation}`);
    expect(operation.allowed(world, step.args), `${step.operation} must be allowed`).toBe(true);
    const mustFail = operation.mustFail?.(world, step.args) ?? [];
    const honest = mustFail.length === 0 ? yes : { ok: false, status: 1, message: mustFail.join(', ') };
    const said = { ...honest, ...(index === after.length - 1 && claim) };
    const mayFail = [...mustFail, ...(operation.mayFail?.(world, step.args) ?? [])];
    const next = operation.expected(world, step.args, said);
    history.push({
      step,
      kind: operation.kind,
      role: operation.role,
      claim: said,
      mayFail,
      mustFail,
      before: world,
      after: next,
      seenBefore: expectedObservation(world),
    });
    world = next;
  });
  return history;
}

/** Each operation that a fresh world offers, done honestly; worked out once for all promises. */
function everyOperationOn(setup: ModelConfig): readonly StepRecord[][] {
  let all = done.get(setup);
  if (all === undefined) {
    const first = firstWorld(setup);
    all = [...operations].flatMap(([operation, { choices }]) =>
      choices(first).map(args => historyOf({ setup, after: [{ operation, args }], lie: seen => seen })),
    );
    done.set(setup, all);
  }
  return all;
}

const done = new Map<ModelConfig, StepRecord[][]>();

/** What to tell whoever writes an example that breaks nothing. */
const whyItHolds = (seen: Observation, honest: Observation): string =>
  isDeepStrictEqual(seen, honest)
    ? 'the lie of this example changes nothing: does the expected observation have the unit, container or file that it names?'
    : 'the lie of this example does not break the promise';

describe.each(named)('%s', (_name, invariant) => {
  const history = historyOf(invariant.example);
  const world = history.at(-1)?.after ?? firstWorld(invariant.example.setup ?? homelab);

  it('can fail', () => {
    const honest = expectedObservation(world);
    const seen = invariant.example.lie(honest, world);
    expect(invariant.broken(seen, world, history), whyItHolds(seen, honest)).not.toEqual([]);
  });

  it.each([
    ['the usual stacks', homelab],
    ['an operator’s own', ownHomelab],
  ])('holds right after a reset, and after every honest operation, on %s', (_of, setup) => {
    const first = firstWorld(setup);
    expect(invariant.broken(expectedObservation(first), first, [])).toEqual([]);
    for (const happened of everyOperationOn(setup)) {
      const after = happened.at(-1)?.after ?? first;
      expect(invariant.broken(expectedObservation(after), after, happened)).toEqual([]);
    }
  });

  it('reads as a promise', () => {
    expect(invariant.promise).toMatch(/^[A-Z].*\.$/);
    expect(invariant.from).toMatch(/S\d\d/);
  });
});

it('an error in the journal is not hidden where its unit shows that it failed', () => {
  const world = firstWorld(homelab);
  const unit = 'web-stack.service';
  const shown = withAround(expectedObservation(world), { errors: [`${unit}: Failed to start`] });
  const failed = { ...shown, units: { ...shown.units, [unit]: { ...shown.units[unit], activeState: 'failed' } } };
  const booted = {
    step: { operation: 'reboot', args: {} },
    kind: 'fault',
    claim: { ok: true, status: 0, message: '' },
  };
  const broken = (seen: unknown) => successWithoutErrors.broken(seen as never, world, [booted as never]);
  expect([broken(shown), broken(failed)]).toEqual([[expect.stringContaining('Failed to start')], []]);
});
