import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Host } from '../../models/host.ts';
import { loadCatalog, modelOf } from '../catalog.ts';
import { providersOf } from '../corpus/entry.ts';
import { readCorpus } from '../corpus/store.ts';
import { labAvailable } from '../hosts/lab/index.ts';
import { labMachines } from '../hosts/lab-machines.ts';
import { realHost } from '../hosts/real.ts';
import { setupOf } from '../profiles/setup.ts';
import { settingOf } from './machines.ts';
import { subject } from './options.ts';
import { replayOn } from './replay-one.ts';

const { entries, problems } = await readCorpus(fileURLToPath(new URL('../../corpus', import.meta.url)));
const lab = labAvailable();

describe('the corpus', () => {
  it('has readable entries only, and some of them', () => {
    expect(problems).toEqual([]);
    expect(entries.length).toBeGreaterThanOrEqual(5);
  });

  it('holds no finding twice', () => {
    const names = entries.flatMap(({ entry }) =>
      providersOf(entry).map(provider => [entry.profile, provider, entry.signature].join('\n')),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});

describe.skipIf(!lab.ok)(`the corpus, on lab machines${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  const hosts = new Map<string, Promise<Host>>();
  const hostFor = (profile: string, provider: string): Promise<Host> => {
    const key = `${profile}\n${provider}`;
    const host = hosts.get(key) ?? opened(profile, provider);
    hosts.set(key, host);
    return host;
  };

  async function opened(profile: string, provider: string): Promise<Host> {
    const setting = settingOf(subject(profile, provider));
    return realHost({ ...setting, machines: await labMachines(setting) });
  }

  afterAll(async () => {
    for (const host of hosts.values()) await (await host).close();
  });

  it.each(entries.map(stored => ({ name: stored.path.replace(/^.*\/corpus\//, ''), stored })))(
    '$name comes out as it expects',
    async ({ stored }) => {
      const { profile, provider } = stored.entry;
      const host = await hostFor(profile, provider);
      const model = modelOf(await loadCatalog(), setupOf(subject(profile, provider)));
      const { outcome, words } = await replayOn(model, host, stored, {
        kind: 'lab',
        signal: new AbortController().signal,
      });
      expect(outcome, words).toBe(stored.entry.expect);
    },
  );
});
