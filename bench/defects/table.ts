/**
 * Writes docs/defects.md from the results of the searches (survey.ts), the corpus and the expected verdicts of the scenarios.
 * usage: node dist/bench/defects/table.js
 */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { underCurrentNames } from '../../models/operation.ts';
import { loadCatalog } from '../../src/catalog.ts';
import { suiteOf } from '../../src/corpus/entry.ts';
import { readCorpus, type Stored } from '../../src/corpus/store.ts';
import { median } from '../median.ts';
import { type Defect, defects } from './known.ts';
import { results, type Surveyed } from './results.ts';

const { operations } = await loadCatalog();

/** The whole page. */
export function page(searches: readonly Surveyed[], corpus: readonly Stored[]): string {
  const rows = defects.map(defect => `| ${[defect.id, defect.what, howFound(defect, searches, corpus)].join(' | ')} |`);
  return `# Known defects, and what finds them

Each of these was met by somebody before there was a fuzzer. How to read the last column:

- *3 of 5 seeds, 12 operations (where)*: a random search on lab machines met it in three of its five seeds, after so many
  operations (the median of those three). Where it met a defect in several set-ups, the one with the most seeds is named, then the
  quickest. A search goes on after every lie, on a fresh machine, so a defect that hides behind another costs more operations.
- *replayed*: the entry of the corpus that is this defect, on a profile where it is one. Most entries were found by a search on the
  simulator, which does tens of thousands of operations in a second, and were then seen on a lab machine.
- *not met by these searches*: it is looked for, and would be recognised. Why it is not met stands beside it where that is known.
- *not looked for*: no sequence of operations leads to it, or it is no lie; the reason stands beside it.
- *gone through by scenario*: \`stackfuzz scenario\` does it step by step, and says what a machine makes of it.

| defect | what | met by |
| --- | --- | --- |
${rows.join('\n')}

## The searches

${searchesOf(searches)}

This page is written by \`node dist/bench/defects/table.js\`, from [defects.json](defects.json), which
\`node dist/bench/defects/survey.js PROFILE PROVIDER SUITE SEEDS OPERATIONS\` adds to.
`;
}

function howFound(defect: Defect, searches: readonly Surveyed[], corpus: readonly Stored[]): string {
  const shown = defect.scenario === undefined ? '' : `; gone through by scenario ${defect.scenario}`;
  if (defect.shows === undefined) return `not looked for: ${defect.because}${shown}`;
  const best = [...groups(searches)].map(([where, group]) => foundIn(defect, where, group)).sort(quickest)[0];
  const entry = entryFor(defect, corpus);
  const replayed = entry === undefined ? '' : `; ${entry}`;
  if (best === undefined || best.operations.length === 0) {
    const why = defect.because === undefined ? '' : `: ${defect.because}`;
    return `not met by these searches${why}${replayed}${shown}`;
  }
  const { where, operations, of } = best;
  return `${operations.length} of ${of} seeds, ${Math.round(median(operations))} operations (${where})${replayed}${shown}`;
}

interface Found {
  readonly where: string;
  readonly of: number;
  readonly operations: readonly number[];
}

function foundIn(defect: Defect, where: string, group: readonly Surveyed[]): Found {
  const firsts = defect.on?.test(where) === false ? [] : group.map(({ met }) => met.find(one => defect.shows?.(one)));
  return {
    where,
    of: group.length,
    operations: firsts.flatMap(first => (first === undefined ? [] : [first.operations])),
  };
}

/** The most seeds first, then the fewest operations. */
const quickest = (one: Found, other: Found): number =>
  other.operations.length / other.of - one.operations.length / one.of ||
  (one.operations.length === 0 ? 0 : median(one.operations) - median(other.operations));

/** An entry of the corpus that is this defect, on a machine that has it. */
function entryFor(defect: Defect, corpus: readonly Stored[]): string | undefined {
  const stored = corpus.find(({ entry }) => {
    const { profile, provider, invariant, signature, details, steps } = entry;
    if (entry.expect !== 'violated' || defect.on?.test(`${profile} ${provider} ${suiteOf(entry)}`) === false)
      return false;
    const done = underCurrentNames(operations, steps).map(({ operation, args }) => [operation, args] as const);
    return defect.shows?.({ operations: 0, invariant, signature, details, steps: done }) === true;
  });
  return stored === undefined ? undefined : `[replayed](../${stored.path})`;
}

function searchesOf(searches: readonly Surveyed[]): string {
  const rows = [...groups(searches)].map(([where, group]) => {
    const sum = (of: (one: Surveyed) => number) => group.reduce((total, one) => total + of(one), 0);
    const lies = new Set(group.flatMap(({ met }) => met.map(({ signature }) => signature))).size;
    const seeds = group.map(({ seed }) => seed).join(', ');
    return `| ${[where, seeds, sum(one => one.operations), lies, sum(one => one.inconclusive)].join(' | ')} |`;
  });
  return [
    '| profile, provider, suite | seeds | operations | different findings | runs of which nothing could be said |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** The searches of one profile, provider and suite. */
function groups(searches: readonly Surveyed[]): ReadonlyMap<string, readonly Surveyed[]> {
  const found = new Map<string, Surveyed[]>();
  for (const search of searches) {
    const where = `${search.profile} ${search.provider} ${search.suite}`;
    found.set(where, [...(found.get(where) ?? []), search]);
  }
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync('docs/defects.md', page(results(), (await readCorpus('corpus')).entries));
}
