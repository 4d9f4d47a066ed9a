import type { Catalog } from '../../../catalog.ts';
import type { Entry } from '../../../corpus/entry.ts';
import type { Stored } from '../../../corpus/store.ts';
import type { Violation } from '../../../engine/types.ts';
import type { Report, ReportedFinding } from '../../../reports/report.ts';
import { coverageIn, promisesOf } from '../../../reports/story.ts';
import { type Status, verdictWord } from '../../exit.ts';
import { version } from '../../package.ts';
import type { Replayed } from './replay-one.ts';

/** The result of an entry, with what its last run showed. */
export interface Came extends Replayed {
  readonly story?: ReportedFinding['story'];
  readonly violation?: Violation;
}

/** The result of an entry, with the entry itself. */
export interface ReplayedEntry extends Came {
  readonly entry: Entry | undefined;
}

/** Adds the entry, which is looked up among those that were read. */
export const withEntry = (came: Came, stored: readonly Stored[]): ReplayedEntry => ({
  ...came,
  entry: stored.find(({ path }) => path === came.path)?.entry,
});

interface Done {
  readonly status: Status;
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly begun: number;
  readonly all: readonly ReplayedEntry[];
  readonly messages: readonly string[];
  readonly versions: Report['versions'];
  readonly catalog: Catalog;
}

/** The report of a replay. */
export function reportOf({ status, host, begun, all, messages, versions, catalog }: Done): Report {
  return {
    format: 1,
    command: 'replay',
    status,
    verdict: verdictWord(status),
    began: new Date(begun).toISOString(),
    stackfuzz: version(),
    host,
    ...same('profile', all),
    ...same('provider', all),
    versions,
    seconds: (Date.now() - begun) / 1000,
    operations: all.reduce((sum, each) => sum + each.operations, 0),
    findings: all.flatMap(foundIn),
    promises: promisesOf(catalog.invariants),
    coverage: coverageIn(all.map(({ story }) => story)),
    entries: all.map(({ path, expect, outcome, words, status: own, waiver, seconds, entry }) => ({
      path,
      expect,
      outcome,
      words,
      status: own,
      invariant: entry?.invariant ?? 'unknown',
      waiver,
      seconds,
    })),
    problems: messages,
  };
}

/** The profile or provider of all entries, where it is the same. */
function same(
  name: 'profile' | 'provider',
  all: readonly ReplayedEntry[],
): Partial<Pick<Report, 'profile' | 'provider'>> {
  const values = new Set(all.map(({ entry }) => entry?.[name]));
  const [only] = values;
  return values.size === 1 && only !== undefined ? { [name]: only } : {};
}

/** What an entry showed, as a finding. It is known unless the entry is said to be mended, or something else broke. */
function foundIn({
  path,
  violation,
  story,
  entry,
  outcome,
  waiver,
  expect,
}: ReplayedEntry): readonly ReportedFinding[] {
  if (violation === undefined || entry === undefined) return [];
  const { invariant, promise, signature, details } = violation;
  const known = outcome === 'violated' && expect === 'violated';
  const explanation = outcome === 'violated' ? { explanation: entry.explanation } : {};
  const { steps, shows } = entry;
  return [{ invariant, promise, signature, details, steps, known, entry: path, shows, waiver, story, ...explanation }];
}
