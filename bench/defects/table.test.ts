import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCorpus } from '../../src/corpus/store.ts';
import { defects } from './known.ts';
import { results, type Surveyed } from './results.ts';
import { page } from './table.ts';

const search = (seed: number, operations: number): Surveyed => ({
  profile: 'home-manager',
  provider: 'docker-compose',
  suite: 'trixie',
  seed,
  operations: 100,
  inconclusive: 0,
  met: [
    {
      operations,
      invariant: 'manager-absence-is-reported',
      signature: 'manager-absence-is-reported: REBUILD claims success, and the user manager is down',
      details: ['rebuild claims success, and the user manager is down'],
      steps: [
        ['stop-manager', {}],
        ['rebuild', {}],
      ],
    },
  ],
});

test('says in how many seeds a defect was met, and after how many operations', () => {
  const row = page([search(1, 7), search(2, 30), search(3, 12), { ...search(4, 0), met: [] }], [])
    .split('\n')
    .find(line => line.startsWith('| D21 '));
  expect(row).toContain('3 of 4 seeds, 12 operations (home-manager docker-compose trixie)');
});

test('each defect is looked for, or says why not', () => {
  for (const { id, shows, because } of defects) expect([id, shows ?? because]).not.toEqual([id, undefined]);
});

test.runIf(existsSync('docs/defects.md'))('docs/defects.md is what the searches say', async () => {
  expect(readFileSync('docs/defects.md', 'utf8')).toBe(page(results(), (await readCorpus('corpus')).entries));
});
