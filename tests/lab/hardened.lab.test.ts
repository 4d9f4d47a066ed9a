import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../models/host.ts';
import { scopeOf } from '../../models/machine/search-path.ts';
import { type Step, underCurrentNames } from '../../models/operation.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { readCorpus } from '../../src/corpus/store.ts';
import { labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { loadProfile } from '../../src/profiles/profile.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { casesInShare } from '../../src/setup/share.mjs';
import { ailment, untilJudged } from '../helpers/retry-machine-failure.ts';
import { withoutPodmanRace } from '../helpers/retry-podman-race.ts';
import { machinesFor, onSharedMachine } from '../helpers/shared-machine.ts';
import { soaked } from '../helpers/soak.ts';

const { entries } = await readCorpus(fileURLToPath(new URL('../../corpus', import.meta.url)));
const lab = labAvailable();

const chosen = targetOf('hardened');

/** What the scenarios do with hardened is run by scenarios/hardened.lab.test.ts. */
const { operations, scenarios } = await loadCatalog();
const cases = [...scenarios.values()].flatMap(scenario => Object.values(scenario.cases(modelConfigOf(chosen))));
const isBeginning = (steps: readonly Step[]): boolean =>
  cases.some(
    all => JSON.stringify(all.slice(0, steps.length)) === JSON.stringify(underCurrentNames(operations, steps)),
  );

/**
 * Every sequence after which another profile of the same manager lies, once, unless a scenario begins with it. What was found with own
 * compose files needs them: tests/tables/operations/own-stacks.ts has such sequences under hardened.
 */
const scope = scopeOf(chosen.profile.owner);
const sequences = new Map(
  entries
    .filter(({ entry }) => entry.stacks === undefined && scopeOf(loadProfile(entry.profile).owner) === scope)
    .filter(({ entry }) => !isBeginning(entry.steps))
    .map(({ entry }) => [JSON.stringify(entry.steps), entry]),
);

const here = casesInShare([...sequences.values()]).map(({ invariant, steps }) => ({ invariant, steps }));
const fromSoaks = casesInShare(Object.entries(soaked));
const model = modelOf(await loadCatalog(), modelConfigOf(chosen));

describe.skipIf(!lab.ok)(`hardened, on lab machines${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  let host: Host;
  let run: ReturnType<typeof onSharedMachine>;

  beforeAll(async () => {
    const deployment = deploymentOf(chosen);
    const all = [...here.map(({ steps }) => steps), ...fromSoaks.map(([, steps]) => steps)];
    const expected = await machinesFor(model, chosen, all);
    host = realHost({ ...deployment, machines: await labMachines(deployment, { expected }) });
    run = onSharedMachine(host);
  });

  afterAll(() => host?.close());

  it.each(here)(
    'keeps the promise $invariant where home-manager breaks it: $steps.0.operation …',
    async ({ steps }) => {
      const { verdict, evidence } = await untilJudged(() => run(model, steps), ailment);
      expect(verdict, evidence).toEqual({ kind: 'held' });
    },
  );

  it.each(fromSoaks)('holds as the simulator does: %s', async (_what, steps) => {
    const { verdict, evidence, taken } = await withoutPodmanRace(() => run(model, steps));
    expect(verdict, evidence).toEqual({ kind: 'held' });
    expect(taken.filter(({ skipped }) => skipped)).toEqual([]);
  });
});
