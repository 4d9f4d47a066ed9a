import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../models/host.ts';
import { loadCatalog, modelOf } from '../../../src/catalog.ts';
import { deploymentOf } from '../../../src/cli/machines.ts';
import { targetOf } from '../../../src/cli/options.ts';
import { readEntries } from '../../../src/corpus/store.ts';
import type { Verdict } from '../../../src/engine/types.ts';
import { labAvailable } from '../../../src/hosts/lab/index.ts';
import { labMachines } from '../../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../../src/hosts/real/real.ts';
import { modelConfigOf } from '../../../src/profiles/setup.ts';
import { casesInShare } from '../../../src/setup/share.mjs';
import { withoutPodmanRace } from '../../helpers/retry-podman-race.ts';
import { machinesFor, onSharedMachine } from '../../helpers/shared-machine.ts';
import { type CaseVerdict, verdictsOf } from '../../tables/scenarios.ts';

const root = new URL('../../../', import.meta.url);
const catalog = await loadCatalog();
const { scenarios } = catalog;

/**
 * Runs every case of every scenario on lab machines under a profile, and compares each with the verdict in the table; the usual run
 * does a share of them, or what `due` leaves.
 */
export function heldToTheTable(
  profile: string,
  due: (all: readonly CaseVerdict[]) => readonly CaseVerdict[] = casesInShare,
): void {
  const lab = labAvailable();
  describe.skipIf(!lab.ok)(`the scenarios under ${profile}${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
    const chosen = targetOf(profile);
    const setup = modelConfigOf(chosen);
    const expected = verdictsOf(profile, catalog);
    let host: Host;
    let run: ReturnType<typeof onSharedMachine>;

    beforeAll(async () => {
      const deployment = deploymentOf(chosen);
      const model = modelOf(await loadCatalog(), setup);
      const sequences = named.map(([, verdict]) => stepsOf(verdict));
      const expected = await machinesFor(model, chosen, sequences);
      host = realHost({ ...deployment, machines: await labMachines(deployment, { expected }) });
      run = onSharedMachine(host);
    });

    afterAll(() => host?.close());

    const stepsOf = ({ scenario, title }: (typeof expected)[number]) =>
      scenarios.get(scenario)?.cases(setup)[title] ?? [];
    const named = due(expected).map(
      verdict => [`${verdict.scenario}, ${verdict.title}: ${verdict.entry ?? 'held'}`, verdict] as const,
    );
    it.each(named)('%s', async (_name, verdict) => {
      const { entry } = verdict;
      const model = modelOf(await loadCatalog(), setup);
      const wanted = entry === null ? 'held' : await signatureIn(entry);
      // An expected result needs no evidence.
      const evidence = (verdict: Verdict) => endOf(verdict) !== wanted;
      const done = await withoutPodmanRace(() => run(model, stepsOf(verdict), { evidence }));
      if (done.verdict.kind === 'violated' && done.verdict.violation.invariant === verdict.sometimes) return;
      expect(endOf(done.verdict), done.evidence?.slice(-4_000)).toBe(wanted);
      expect(done.taken.filter(({ skipped }) => skipped)).toEqual([]);
    });
  });
}

const endOf = (verdict: Verdict): string => (verdict.kind === 'violated' ? verdict.violation.signature : verdict.kind);

/** The signature of the corpus entry that a cell names: the case must break it, not only the same promise. */
async function signatureIn(entry: string): Promise<string | undefined> {
  const { entries } = await readEntries([fileURLToPath(new URL(`corpus/${entry}`, root))]);
  return entries[0]?.entry.signature;
}
