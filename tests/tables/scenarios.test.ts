import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { step } from '../../models/scenario.ts';
import { loadCatalog } from '../../src/catalog.ts';
import { readEntries } from '../../src/corpus/store.ts';
import { brokenCases, marker, scenarioTable, verdictsOf } from './scenarios.ts';

const root = new URL('../../', import.meta.url);
const catalog = await loadCatalog();
const page = fileURLToPath(new URL('docs/scenarios.md', root));

test('docs/scenarios.md is what the data says; `npm run docs` writes it anew', async () => {
  const [prose = '', table] = readFileSync(page, 'utf8').split(marker);
  expect(table, `docs/scenarios.md has the line ${marker}`).toBeDefined();
  await expect(`${prose}${marker}${scenarioTable(catalog)}`).toMatchFileSnapshot(page);
});

describe.each(Object.keys(brokenCases))('under %s', profile => {
  test('every case that breaks a promise names a corpus entry that breaks it under the same profile', async () => {
    for (const { scenario, title, entry } of verdictsOf(profile, catalog)) {
      if (entry === null) continue;
      const file = fileURLToPath(new URL(`corpus/${entry}`, root));
      expect(existsSync(file), `${scenario}, ${title}: ${entry}`).toBe(true);
      const [stored] = (await readEntries([file])).entries;
      expect(stored?.entry).toMatchObject({ invariant: entry.split('/')[0], profile, expect: 'violated' });
    }
  });
});

test('hardened holds them all', () => {
  expect(verdictsOf('hardened', catalog).filter(({ entry }) => entry !== null)).toEqual([]);
});

const two = {
  ...catalog,
  scenarios: new Map([
    ['S01', { cases: () => ({ one: [], other: [] }) }],
    [
      'S13',
      { cases: ({ traits }: { traits: { hasUpdateUnit: boolean } }) => (traits.hasUpdateUnit ? { own: [] } : {}) },
    ],
  ]),
};

test('a case holds, or does not apply, or is a link to an entry', () => {
  const known = {
    'home-manager': { S01: { other: 'single-owner/a' } },
    hardened: { S01: { one: 'sometimes no-orphans' } },
  };
  expect(scenarioTable(two as never, known)).toBe(
    [
      '| scenario | case | home-manager | hardened |',
      '| --- | --- | --- | --- |',
      '| S01 | one | holds | sometimes no-orphans |',
      '| S01 | other | [single-owner](../corpus/single-owner/a.json) | holds |',
      '| S13 | own | does not apply | holds |',
      '',
    ].join('\n'),
  );
});

test('a case with an operation that has no meaning under a profile does not apply there', () => {
  const cases = () => ({ stopped: [step('stop-manager'), step('rebuild')] });
  const tried = { ...catalog, scenarios: new Map([['S11', { cases }]]) };
  expect(scenarioTable(tried, { quadlet: {}, 'oci-containers': {} })).toContain(
    '| S11 | stopped | holds | does not apply |',
  );
});

test('a case that there is not is refused', () => {
  expect(() => verdictsOf('hardened', two as never, { hardened: { S01: { third: 'single-owner/a' } } })).toThrow(
    'under hardened there is no case S01 third',
  );
});
