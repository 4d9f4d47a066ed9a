import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../models/host.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { replayOn } from '../../src/cli/commands/replay/replay-one.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { type Target, targetOfEntry } from '../../src/cli/options.ts';
import { providersOf, suiteOf } from '../../src/corpus/entry.ts';
import { readCorpus, type Stored } from '../../src/corpus/store.ts';
import { buildRoot, labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { casesInShare } from '../../src/setup/share.mjs';
import { untilJudged } from '../helpers/retry-machine-failure.ts';

const { entries, problems } = await readCorpus(fileURLToPath(new URL('../../corpus', import.meta.url)));
/** The newest entries are always replayed, and a share of the others. */
const age = [...entries].sort((one, other) => (one.entry.found.date < other.entry.found.date ? 1 : -1));
const newest = age.slice(0, 8);
const chosen = [...newest, ...casesInShare(age.slice(8))];

const lab = labAvailable();

describe('the corpus', () => {
  it('has readable entries only, and some of them', () => {
    expect(problems).toEqual([]);
    expect(entries.length).toBeGreaterThanOrEqual(5);
  });

  it('holds no finding twice', () => {
    const names = entries.flatMap(({ entry }) =>
      providersOf(entry).map(provider =>
        [entry.profile, entry.stacks, provider, suiteOf(entry), entry.signature].join('\n'),
      ),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});

describe.skipIf(!lab.ok)(`the corpus, on lab machines${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  const hosts = new Map<string, Promise<Host>>();
  const keyOf = ({ entry }: Stored): string => [entry.profile, entry.stacks, entry.provider, suiteOf(entry)].join('\n');
  const hostFor = (stored: Stored): Promise<Host> => {
    const key = keyOf(stored);
    const alike = chosen.filter(each => keyOf(each) === key);
    const host = hosts.get(key) ?? opened(targetOfEntry(stored), alike.length);
    hosts.set(key, host);
    return host;
  };

  async function opened(chosen: Target, expected: number): Promise<Host> {
    const deployment = deploymentOf(chosen);
    return realHost({ ...deployment, machines: await labMachines(deployment, { suite: chosen.suite, expected }) });
  }

  beforeAll(async () => void (await buildRoot()), 900_000);

  afterAll(async () => {
    for (const host of hosts.values()) await (await host).close();
  });

  it.each(chosen.map(stored => ({ name: stored.path.replace(/^.*\/corpus\//, ''), stored })))(
    '$name comes out as it expects',
    async ({ stored }) => {
      const host = await hostFor(stored);
      const model = modelOf(await loadCatalog(), modelConfigOf(targetOfEntry(stored)));
      const replay = () => replayOn(model, host, stored, { kind: 'lab', signal: new AbortController().signal });
      const { outcome, words } = await untilJudged(replay, came =>
        came.outcome === 'inconclusive' ? came.words : null,
      );
      expect(outcome, words).toBe(stored.entry.expect);
    },
  );
});
