import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../models/host.ts';
import { loadCatalog, modelOf } from '../../../src/catalog.ts';
import { deploymentOf } from '../../../src/cli/machines.ts';
import { targetOf } from '../../../src/cli/options.ts';
import { readEntries } from '../../../src/corpus/store.ts';
import { runSteps } from '../../../src/engine/run/run.ts';
import type { Verdict } from '../../../src/engine/types.ts';
import { labAvailable } from '../../../src/hosts/lab/index.ts';
import { labMachines } from '../../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../../src/hosts/real/real.ts';
import { modelConfigOf } from '../../../src/profiles/setup.ts';
import { shared } from '../../../src/setup/share.mjs';
import { withoutPodmanRace } from '../../helpers/retry-podman-race.ts';
import { verdictsOf } from '../../tables/scenarios.ts';

const root = new URL('../../../', import.meta.url);
const { scenarios } = await loadCatalog();

/** Runs every case of every scenario on lab machines under a profile, each held to the verdict that is written down. */
export function heldToTheTable(profile: string): void {
  const lab = labAvailable();
  describe.skipIf(!lab.ok)(`the scenarios under ${profile}${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
    const chosen = targetOf(profile);
    const setup = modelConfigOf(chosen);
    const expected = verdictsOf(profile, scenarios);
    let host: Host;

    beforeAll(async () => {
      const setting = deploymentOf(chosen);
      host = realHost({ ...setting, machines: await labMachines(setting, { expected: named.length }) });
    });

    afterAll(() => host?.close());

    const named = shared(expected).map(
      verdict => [`${verdict.scenario}, ${verdict.title}: ${verdict.entry ?? 'held'}`, verdict] as const,
    );
    it.each(named)('%s', async (_name, { scenario, title, entry }) => {
      const catalog = await loadCatalog();
      const steps = catalog.scenarios.get(scenario)?.cases(setup)[title] ?? [];
      const wanted = entry === null ? 'held' : await signatureIn(entry);
      // What comes out as it should needs no evidence.
      const evidence = (verdict: Verdict) => endOf(verdict) !== wanted;
      const run = await withoutPodmanRace(() => runSteps(modelOf(catalog, setup), host, steps, { evidence }));
      expect(endOf(run.verdict), run.evidence?.slice(-4_000)).toBe(wanted);
      expect(run.taken.filter(({ skipped }) => skipped)).toEqual([]);
    });
  });
}

const endOf = (verdict: Verdict): string => (verdict.kind === 'violated' ? verdict.violation.signature : verdict.kind);

/** What the corpus entry that a cell names stands for: the case has to break the same, not only the same promise. */
async function signatureIn(entry: string): Promise<string | undefined> {
  const { entries } = await readEntries([fileURLToPath(new URL(`corpus/${entry}`, root))]);
  return entries[0]?.entry.signature;
}
