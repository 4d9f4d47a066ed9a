import { existsSync, readFileSync } from 'node:fs';
import type { Args } from '../../models/operation.ts';
import { writeOverSync } from '../../src/files.ts';

/** A violation that a search met, and how many operations it had done by then. */
export interface Met {
  readonly operations: number;
  readonly invariant: string;
  readonly signature: string;
  readonly details: readonly string[];
  readonly steps: readonly (readonly [operation: string, args: Args])[];
}

/** The violations of the search with one seed. */
export interface Surveyed {
  readonly profile: string;
  readonly provider: string;
  readonly suite: string;
  readonly seed: number;
  readonly operations: number;
  readonly inconclusive: number;
  readonly met: readonly Met[];
}

/** The file of all searches, from the project's root. */
const resultsFile = 'docs/defects.json';

/** All searches so far. */
export const results = (): readonly Surveyed[] =>
  existsSync(resultsFile) ? (JSON.parse(readFileSync(resultsFile, 'utf8')) as Surveyed[]) : [];

/** Stores a search, and replaces an earlier one of the same seed. */
export function add(search: Surveyed): void {
  const others = results().filter(one => keyOf(one) !== keyOf(search));
  const all = [...others, search].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  writeOverSync(resultsFile, `[\n${all.map(one => JSON.stringify(one)).join(',\n')}\n]\n`);
}

const keyOf = ({ profile, provider, suite, seed }: Surveyed): string => [profile, provider, suite, seed].join(' ');
