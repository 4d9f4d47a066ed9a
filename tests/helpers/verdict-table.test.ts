import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readEntries } from '../../src/corpus/store.ts';
import { verdictsIn } from './verdict-table.ts';

const root = new URL('../../', import.meta.url);
const verdicts = verdictsIn(readFileSync(new URL('docs/scenarios.md', root), 'utf8'));

test('every failing cell names a corpus entry that breaks the same promise under the same profile', async () => {
  const failing = verdicts.filter(({ entry }) => entry !== null);
  expect(failing.length).toBeGreaterThan(20);
  for (const { profile, ends, entry, ...cell } of failing) {
    const file = new URL(`corpus/${entry}`, root);
    expect(existsSync(file), `${JSON.stringify(cell)}: ${entry}`).toBe(true);
    const [stored] = (await readEntries([file.pathname])).entries;
    expect(stored?.entry).toMatchObject({ invariant: ends, profile, expect: 'violated' });
  }
});

test('a cell holds, or does not apply, or names an entry', () => {
  const row = '| S01 | x | holds | does not apply | [single-owner](../corpus/single-owner/a.json) |';
  expect(verdictsIn(`| a | b | one | two | three |\n| - | - | - | - | - |\n${row}`)).toEqual([
    { scenario: 'S01', title: 'x', profile: 'one', ends: 'held', entry: null },
    { scenario: 'S01', title: 'x', profile: 'three', ends: 'single-owner', entry: 'single-owner/a.json' },
  ]);
});

test('hardened holds them all', () => {
  expect(verdicts.filter(({ profile, ends }) => profile === 'hardened' && ends !== 'held')).toEqual([]);
});

test('a cell that says anything else is refused', () => {
  expect(() => verdictsIn('| a | b | hardened |\n| - | - | - |\n| S01 | x | perhaps |')).toThrow(/"perhaps"/);
});
