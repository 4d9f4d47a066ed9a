import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../models/host.ts';
import { type Step, underCurrentNames } from '../../models/operation.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { readCorpus } from '../../src/corpus/store.ts';
import { runSteps } from '../../src/engine/run/run.ts';
import { labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { shared } from '../../src/setup/share.mjs';
import { ailment, untilJudged } from '../helpers/retry-machine-failure.ts';
import { withoutPodmanRace } from '../helpers/retry-podman-race.ts';
import { soaked } from '../helpers/soak.ts';

const { entries } = await readCorpus(fileURLToPath(new URL('../../corpus', import.meta.url)));
const lab = labAvailable();

const chosen = targetOf('hardened');

/** What the scenarios do on hardened: scenarios/hardened.lab.test.ts runs it. */
const { operations, scenarios } = await loadCatalog();
const cases = [...scenarios.values()].flatMap(scenario => Object.values(scenario.cases(modelConfigOf(chosen))));
const isBeginning = (steps: readonly Step[]): boolean =>
  cases.some(
    all => JSON.stringify(all.slice(0, steps.length)) === JSON.stringify(underCurrentNames(operations, steps)),
  );

/** Every sequence after which another profile lies, once, unless a scenario begins with it. */
const sequences = new Map(
  entries.filter(({ entry }) => !isBeginning(entry.steps)).map(({ entry }) => [JSON.stringify(entry.steps), entry]),
);

const here = shared([...sequences.values()]).map(({ invariant, steps }) => ({ invariant, steps }));

describe.skipIf(!lab.ok)(`hardened, on lab machines${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  let host: Host;

  beforeAll(async () => {
    const setting = deploymentOf(chosen);
    host = realHost({ ...setting, machines: await labMachines(setting, { expected: here.length }) });
  });

  afterAll(() => host?.close());

  it.each(here)(
    'keeps the promise $invariant where home-manager breaks it: $steps.0.operation …',
    async ({ steps }) => {
      const model = modelOf(await loadCatalog(), modelConfigOf(chosen));
      const run = await untilJudged(() => runSteps(model, host, steps), ailment);
      expect(run.verdict, run.evidence).toEqual({ kind: 'held' });
    },
  );

  it.each(shared(Object.entries(soaked)))('holds as the simulator does: %s', async (_what, steps) => {
    const model = modelOf(await loadCatalog(), modelConfigOf(chosen));
    const run = await withoutPodmanRace(() => runSteps(model, host, steps));
    expect(run.verdict, run.evidence).toEqual({ kind: 'held' });
    expect(run.taken.filter(({ skipped }) => skipped)).toEqual([]);
  });
});
