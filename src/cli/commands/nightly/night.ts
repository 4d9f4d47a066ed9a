import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isUnder, readCorpus, type Stored } from '../../../corpus/store.ts';
import { type Stage, stages } from '../../../engine/schedule/slots.ts';
import type { NightFinding, NightStage } from '../../../history/history.ts';
import { readReport } from '../../../reports/read.ts';
import type { Report } from '../../../reports/report.ts';
import type { Context, Main } from '../../context.ts';
import { readFrom } from '../../corpora.ts';
import { exit, type Status, worst } from '../../exit.ts';
import { modelsFlags } from '../../models.ts';
import { packagesFlags, type SharedOptions, stacksFlags, suiteIn, type Target } from '../../options.ts';
import { shownDuration } from '../../values.ts';
import { coverageOfNight, type Had } from './record.ts';

/** What a command line of `nightly` says. */
export interface NightlyOptions extends Omit<SharedOptions, 'host'> {
  readonly host: string;
  readonly hosts?: string;
  readonly budget?: number;
  readonly runs?: number;
  readonly schedule?: readonly Stage[];
  readonly seed?: number;
  readonly history: string;
  readonly notify?: readonly string[];
  readonly notifyToken?: string;
  readonly notifyAlways?: boolean;
  readonly dryRun?: boolean;
  readonly failOn: 'violated' | 'change';
}

/** The flags that the commands of a night share, and those that say what is tested. */
export function flagsOf(
  given: NightlyOptions,
  context: Context,
): { readonly flags: readonly string[]; readonly under: readonly string[] } {
  return {
    flags: [
      ...['--host', given.host],
      ...(given.hosts === undefined ? [] : ['--hosts', given.hosts]),
      ...(given.corpus === undefined ? [] : ['--corpus', given.corpus]),
      ...(context.detail === 'usual' ? [] : [`--${context.detail}`]),
    ],
    under: [
      ...(given.profile === undefined ? [] : ['--profile', given.profile]),
      ...(given.provider === undefined ? [] : ['--provider', given.provider]),
      ...(given.suite === undefined ? [] : ['--suite', given.suite]),
      ...modelsFlags(given.models),
      ...stacksFlags(given.stacks),
      ...packagesFlags(given.homeManager),
    ],
  };
}

/** The entries that were found under what is tested tonight. */
export async function ofSubject(given: NightlyOptions, subject: Target): Promise<readonly Stored[]> {
  const folders = readFrom(given.corpus, given.host === 'simulator' ? 'simulator' : 'lab').filter(each =>
    existsSync(each),
  );
  const all = await Promise.all(folders.map(readCorpus));
  return all
    .flatMap(({ entries }) => entries)
    .filter(({ entry }) => isUnder(entry, { ...subject, profile: subject.profile.name }));
}

/** A night that is to be had. */
export interface Plan {
  readonly given: NightlyOptions;
  readonly subject: Target;
  readonly entries: readonly Stored[];
  readonly seconds: number;
  /** When the host's quiet hours begin, in milliseconds since 1970. */
  readonly end: number;
  readonly seed: number;
  readonly folder: string;
  readonly typed: Main;
}

/** Replays the corpus, then searches: each is a command line that can be typed by hand. */
export async function nightOf(plan: Plan, signal: AbortSignal, context: Context): Promise<Had> {
  const { given, subject, entries, end, seed, folder, typed } = plan;
  const began = Date.now();
  const parts: NightStage[] = [];
  const statuses: Status[] = [];
  const notes: string[] = [];
  const failures = new Set<string>();
  const { flags, under } = flagsOf(given, context);
  const done = async (name: string, args: readonly string[]): Promise<Report | null> => {
    const file = join(folder, `${name}.json`);
    const begun = Date.now();
    context.note(`Night of ${given.host}: ${name}.`);
    const status = await typed([...args, '--json', file], { hear: why => void failures.add(why) });
    statuses.push(status);
    const report = existsSync(file) ? await readReport(file) : null;
    const { runs = 0, operations = 0 } = report ?? {};
    parts.push({ name, status, runs, operations, seconds: (Date.now() - begun) / 1000 });
    return report;
  };

  // An entry may have been found with the other provider too: it is asked for with that of tonight.
  const same =
    subject.own === undefined
      ? [
          ...['--profile', given.profile ?? subject.profile.name, '--provider', subject.provider],
          ...['--suite', subject.suite, ...stacksFlags(given.stacks), ...packagesFlags(given.homeManager)],
        ]
      : under;
  const paths = entries.map(({ path }) => path);
  const replayed = paths.length === 0 ? null : await done('corpus', ['replay', ...paths, ...flags, ...same]);
  // The host does not let anything begin, or the command line is wrong: a search would be told the same.
  const isRefused = replayed === null && statuses.includes(exit.usage);
  const outcomes = replayed?.entries ?? [];
  // Only where each was asked for, and answered, is what did not show gone.
  const isWhole =
    !signal.aborted &&
    outcomes.length === paths.length &&
    outcomes.every(({ outcome }) => outcome !== 'inconclusive' && outcome !== 'stale');
  // The corpus took what it took.
  const seconds = Math.min(plan.seconds, (end - Date.now()) / 1000);
  const isLate = seconds <= 0 && !signal.aborted;
  if (isLate) notes.push('There was no time left for a search: the quiet hours of the host have begun.');
  const search =
    signal.aborted || isLate || isRefused
      ? null
      : await done('search', [
          ...['fuzz', ...flags, ...under, '--budget', shownDuration(Math.max(1, Math.floor(seconds)))],
          ...['--schedule', (given.schedule ?? stages).join(','), '--seed', String(seed)],
          ...(given.runs === undefined ? [] : ['--runs', String(given.runs)]),
        ]);
  if (signal.aborted) notes.push('It was stopped by hand.');
  // What an entry shows in place of what it was found by is a finding too; broken again is what the corpus has as mended.
  const isKnown = (signature: string): boolean =>
    entries.some(({ entry }) => entry.signature === signature && entry.expect === 'violated');
  const known = (replayed?.findings ?? []).map(
    ({ signature, invariant, promise, entry, steps, waiver }): NightFinding => ({
      ...{ signature, invariant, promise, steps, waiver, known: isKnown(signature) },
      entry: entry ?? '(not saved)',
    }),
  );
  const found = (search?.findings ?? []).map(
    ({ signature, invariant, promise, entry, steps, waiver, known = false }): NightFinding => ({
      ...{ signature, invariant, promise, steps, waiver, known },
      entry: entry ?? '(not saved)',
    }),
  );
  const { suite } = suiteIn(subject);
  const status = worst([...statuses, ...(signal.aborted || isLate ? [exit.inconclusive] : [])]);
  return {
    night: {
      // Other stacks have other findings: what does not show of these is not gone.
      host: [
        `${given.host}${suite === undefined ? '' : ` on ${suite}`}`,
        ...(given.stacks ?? []),
        ...(given.homeManager ?? []),
      ].join(' with '),
      profile: subject.profile.name,
      provider: subject.provider,
      began,
      seconds: (Date.now() - began) / 1000,
      status,
      seed,
      isWhole,
      stages: parts,
      findings: [...known, ...found],
      coverage: coverageOfNight([replayed, search]),
    },
    status,
    search,
    replay: replayed,
    notes: [...notes, ...failures],
    failures: [...failures],
  };
}
