import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Step } from '../../models/operation.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { imitatedProfiles, simulated } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { runSteps } from '../../src/engine/run/run.ts';
import type { Verdict } from '../../src/engine/types.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { machinesFor, onSharedMachine } from './shared-machine.ts';

const catalog = await loadCatalog();
const endOf = (verdict: Verdict): string => (verdict.kind === 'violated' ? verdict.violation.signature : verdict.kind);

describe.each(imitatedProfiles)('on a shared machine under %s', profile => {
  const target = targetOf(profile);
  const config = modelConfigOf(target);
  const model = modelOf(catalog, config, 'simulator');
  const cases = [...catalog.scenarios.values()].flatMap(each => Object.values(each.cases(config)));

  it('each sequence ends as on a machine of its own, in any order', async () => {
    const alone = new Map<readonly Step[], string>();
    for (const steps of cases) alone.set(steps, endOf((await runSteps(model, simulated(target), steps)).verdict));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(cases, { minLength: cases.length }), async order => {
        const run = onSharedMachine(simulated(target));
        for (const steps of order) {
          expect(endOf((await run(model, steps)).verdict), JSON.stringify(steps)).toBe(alone.get(steps));
        }
      }),
      { numRuns: 2 },
    );
  });

  it('there are fewer machines than sequences', async () => {
    expect(await machinesFor(model, target, cases)).toBeLessThan(cases.length);
  });
});
