import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { imitatedProfiles, simulated } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { readEntries } from '../../src/corpus/store.ts';
import { runSteps } from '../../src/engine/run/run.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { verdictsOf } from '../tables/scenarios.ts';

const root = new URL('../../', import.meta.url);
const catalog = await loadCatalog();

/**
 * The lab tests compare a share of this table with lab machines in each commit; here simulated machines do all of it, so that a
 * finding with another name shows at once.
 */
describe.each(imitatedProfiles)('the scenarios under %s, simulated', profile => {
  const target = targetOf(profile);
  const config = modelConfigOf(target);

  it('end as lab machines said, but for what only those can show', async () => {
    const ends: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    let judged = 0;
    for (const { scenario, title, entry } of verdictsOf(profile, catalog)) {
      const steps = catalog.scenarios.get(scenario)?.cases(config)[title] ?? [];
      const { verdict } = await runSteps(modelOf(catalog, config), simulated(target), steps, { evidence: false });
      if (verdict.kind === 'inconclusive') {
        expect(verdict.reason, `${scenario}, ${title}`).toContain('Unable');
        continue;
      }
      judged++;
      ends[`${scenario}, ${title}`] = verdict.kind === 'violated' ? verdict.violation.signature : verdict.kind;
      wanted[`${scenario}, ${title}`] = entry === null ? 'held' : await signatureIn(entry);
    }
    expect(ends).toEqual(wanted);
    expect(judged).toBeGreaterThan(90);
  });
});

async function signatureIn(entry: string): Promise<string> {
  const { entries } = await readEntries([fileURLToPath(new URL(`corpus/${entry}`, root))]);
  return entries[0]?.entry.signature ?? `${entry} is not there`;
}
