import { readFileSync } from 'node:fs';
import { beyondLimitsOf, limitsOfProfile } from '../../models/limits.ts';
import type { Operation } from '../../models/operation.ts';
import type { Scenario } from '../../models/scenario.ts';
import { targetOf } from '../../src/cli/options.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';

/** The expected result of a case of a scenario under one profile. */
export interface CaseVerdict {
  readonly scenario: string;
  readonly title: string;
  /** Path of the corpus entry that shows what the case breaks, below `corpus/`; null if every promise holds. */
  readonly entry: string | null;
  /**
   * The promise that it breaks sometimes: two things happen at the same time in it, and which comes first decides. There is no entry
   * then, because a replay may hold.
   */
  readonly sometimes?: string;
}

/**
 * Profile → scenario → case → the corpus entry that shows what it breaks, or `sometimes` and the promise. A case that is not listed
 * holds.
 */
export type Broken = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

/** The data from which docs/scenarios.md is made, and with which lab machines are compared. */
export const brokenCases = JSON.parse(readFileSync(new URL('scenarios.json', import.meta.url), 'utf8')) as Broken;

type Scenarios = ReadonlyMap<string, Pick<Scenario, 'cases'>>;

/** What a catalog has of it: a case with an operation that has no meaning under the profile does not apply. */
interface Tried {
  readonly scenarios: Scenarios;
  readonly operations: ReadonlyMap<string, Operation>;
}

/**
 * The verdict of every case under a profile, in the order of the scenarios; without those that do not apply.
 * @throws Error if the data names a scenario or a case that does not exist
 */
export function verdictsOf(
  profile: string,
  { scenarios, operations }: Tried,
  known: Broken = brokenCases,
): readonly CaseVerdict[] {
  const setup = modelConfigOf(targetOf(profile));
  const limits = limitsOfProfile(setup.lacks ?? {});
  const left = new Set(
    Object.entries(known[profile] ?? {}).flatMap(([name, all]) => Object.keys(all).map(title => `${name} ${title}`)),
  );
  const verdicts = [...scenarios].flatMap(([scenario, { cases }]) =>
    Object.entries(cases(setup)).flatMap(([title, steps]) => {
      if (beyondLimitsOf(limits, operations, steps) !== null) return [];
      left.delete(`${scenario} ${title}`);
      const told = known[profile]?.[scenario]?.[title];
      const sometimes = /^sometimes (.*)/.exec(told ?? '')?.[1];
      if (sometimes !== undefined) return [{ scenario, title, entry: null, sometimes }];
      return [{ scenario, title, entry: told === undefined ? null : `${told}.json` }];
    }),
  );
  if (left.size === 0) return verdicts;
  throw new Error(`tests/tables/scenarios.json: under ${profile} there is no case ${[...left].join(', ')}`);
}

/** Where the table begins in docs/scenarios.md: the text above it is written by hand. */
export const marker = '<!-- All below is made of tests/tables/scenarios.json by `npm run docs`. -->\n\n';

/** The table of docs/scenarios.md: a row for each case, a column for each profile. */
export function scenarioTable(tried: Tried, known: Broken = brokenCases): string {
  const profiles = Object.keys(known);
  const columns = profiles.map(
    profile => new Map(verdictsOf(profile, tried, known).map(each => [`${each.scenario} | ${each.title}`, each])),
  );
  const rows = new Set(
    [...tried.scenarios.keys()].flatMap(name =>
      columns.flatMap(column => [...column.keys()].filter(row => row.startsWith(`${name} | `))),
    ),
  );
  const cell = (verdict: CaseVerdict | undefined): string => {
    if (verdict === undefined) return 'does not apply';
    const { entry, sometimes } = verdict;
    if (sometimes !== undefined) return `sometimes ${sometimes}`;
    return entry === null ? 'holds' : `[${entry.split('/')[0]}](../corpus/${entry})`;
  };
  return [
    `| scenario | case | ${profiles.join(' | ')} |`,
    `|${' --- |'.repeat(profiles.length + 2)}`,
    ...[...rows].map(row => `| ${row} | ${columns.map(column => cell(column.get(row))).join(' | ')} |`),
    '',
  ].join('\n');
}
