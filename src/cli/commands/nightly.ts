import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { isUnder, readCorpus, type Stored } from '../../corpus/store.ts';
import { type Stage, stages } from '../../engine/schedule/slots.ts';
import {
  type Changes,
  type ListedNight,
  type NightFinding,
  type NightRecord,
  type NightStage,
  type Outcomes,
  withHistory,
} from '../../history/history.ts';
import { readReport } from '../../reports/read.ts';
import type { Report } from '../../reports/report.ts';
import { mustBeReportable, writeReports } from '../../reports/write.ts';
import type { Context } from '../context.ts';
import { readFrom } from '../corpora.ts';
import { exit, type Status, verdictWord, worst } from '../exit.ts';
import { examples } from '../help.ts';
import { notifiedOf } from '../hosts-file.ts';
import { interruptible } from '../interrupt.ts';
import { modelsFlags } from '../models.ts';
import {
  addPackages,
  addReports,
  addStacks,
  packagesFlags,
  type SharedOptions,
  stacksFlags,
  suiteIn,
  type Target,
  targetFor,
} from '../options.ts';
import { version } from '../package.ts';
import { duration, positive, seed, shownDuration } from '../values.ts';
import { stagesOf } from './fuzz.ts';
import { usualHistory } from './history.ts';
import { isNews, nightLines } from './nightly/lines.ts';
import { notify, type Recipient, recipientIn, recipientOf } from './nightly/notify.ts';
import { quietUntil, secondsUntil } from './nightly/quiet.ts';

interface NightlyOptions extends Omit<SharedOptions, 'host'> {
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

/** Seconds of searching where nobody says. */
const usualBudget = 3600;

/** Does what a command line asks for, as it is typed after `stackfuzz`; tells what it ended by, where it did not come to its end. */
type Typed = (args: readonly string[], hear?: (why: string) => void) => Promise<Status>;

/**
 * `stackfuzz nightly`: what a timer starts. It does what other commands do, by their command lines, so that each part of a night
 * can be done again by hand.
 */
export function addNightly(program: Command, context: Context, typed: Typed): void {
  const more = (text: string, all: readonly string[] = []): readonly string[] => [...all, text];
  const nightly = program
    .command('nightly')
    .description('for a timer: replay the corpus, then search; notifies somebody if something changed')
    .requiredOption('--host <name>', 'the host: one of stackfuzz.yaml, lab or simulator')
    .option('--hosts <file>', 'the file with the hosts (default: stackfuzz.yaml)')
    .option('--profile <name|dir>', 'the way of running stacks that is tested')
    .option('--provider <name>', 'compose provider')
    .option('--suite <name>', 'Debian release of the lab machines')
    .option('--corpus <dir>', 'folder of the corpus')
    .option('--models <dir>', 'folder of models of your own; may be given again', more)
    .option('--budget <time>', "time for searching (default: the host's, or 1h)", duration)
    .option('--runs <number>', 'end the search after this number of runs', positive)
    .option(
      '--schedule <stages>',
      'what the search goes through (fuzz --help says what each is; default: all)',
      stagesOf,
    )
    .option('--seed <number>', 'what is drawn at random (default: another one each night)', seed)
    .option('--history <file>', 'file of the history', usualHistory)
    .option(
      '--notify <way:to>',
      'who is notified of a change, in place of whom the hosts file names: command:LINE, ntfy:URL, gotify:URL or webhook:URL; may be given again',
      more,
    )
    .option('--notify-token <from>', 'where the token for --notify is: env:NAME or file:PATH')
    .option('--notify-always', 'notify them after every night')
    .option('--dry-run', 'say what would be done, and to which places; change nothing')
    .addOption(
      new Option('--fail-on <what>', 'when the exit status is 1: if a promise was broken, or only if that is a change')
        .choices(['violated', 'change'])
        .default('violated'),
    );
  addReports(addPackages(addStacks(nightly)))
    .addHelpText(
      'after',
      `${examples(
        ['nightly --host wsl', 'a night on a host of stackfuzz.yaml'],
        ['nightly --host wsl --notify ntfy:https://ntfy.example/stacks', 'and a message if something changed'],
        ['nightly --host lab --stacks ~/homelab', 'compose files of your own, on lab machines'],
        ['nightly --host lab --home-manager home.closure', 'the activation of your own Home Manager, on lab machines'],
        ['nightly --host simulator --budget 5m', 'to see what a night is like'],
      )}\n\nExit status: as for fuzz; with --fail-on change 1 only where a night is not like the one before.`,
    )
    .action(async (given: NightlyOptions) => context.end(await nightlyOn(given, typed, context)));
}

async function nightlyOn(given: NightlyOptions, typed: Typed, context: Context): Promise<Status> {
  const subject = targetFor(given);
  const { own } = subject;
  const recipients: Recipient[] = [];
  for (const each of given.notify ?? []) recipients.push(await recipientOf(each, given.notifyToken));
  if (given.notify === undefined && own !== undefined)
    for (const each of notifiedOf(own.name, given.hosts)) recipients.push(await recipientIn(each));
  await mustBeReportable(given);
  // Before anything is done: a history that cannot be kept is heard of now, and not in the morning.
  if (!given.dryRun) await withHistory(given.history, history => history.nights(1));
  const quiet = own?.quietHours ?? null;
  const until = quiet === null ? null : quietUntil(quiet, new Date());
  if (until !== null) {
    context.warn(`${given.host}: nothing is begun in its quiet hours, until ${until} (quietHours, ${own?.where}).`);
    return exit.inconclusive;
  }
  if (given.dryRun) return await toldOnly(given, subject, recipients, typed, context);
  const wanted = given.budget ?? own?.budgets.search ?? usualBudget;
  const end = quiet === null ? Number.POSITIVE_INFINITY : Date.now() + secondsUntil(quiet.from, new Date()) * 1000;
  const interrupt = interruptible(() => {}); // the command that runs says what Ctrl-C does
  const folder = await mkdtemp(join(tmpdir(), 'stackfuzz-night-'));
  try {
    const number = given.seed ?? randomInt(1_000_000);
    const entries = await ofSubject(given, subject);
    const night = await nightOf(
      { given, subject, entries, seconds: wanted, end, seed: number, folder, typed },
      interrupt.signal,
      context,
    );
    return await concluded(night, given, recipients, context);
  } finally {
    interrupt.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a night would do: its corpus, its search as `fuzz --dry-run` tells it, and whom it would notify. */
async function toldOnly(
  given: NightlyOptions,
  subject: Target,
  recipients: readonly Recipient[],
  typed: Typed,
  context: Context,
): Promise<Status> {
  const entries = await ofSubject(given, subject);
  context.out(
    `Would replay ${entries.length} ${entries.length === 1 ? 'entry' : 'entries'} of the corpus, then search.`,
  );
  context.out(`Would notify ${recipients.length} of a change, and keep the night in ${given.history}.`);
  const { flags, under } = flagsOf(given, context);
  return typed(['fuzz', ...flags, ...under, '--schedule', (given.schedule ?? stages).join(','), '--dry-run']);
}

/** The flags that the commands of a night share, and those that say what is tested. */
function flagsOf(
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
async function ofSubject(given: NightlyOptions, subject: Target): Promise<readonly Stored[]> {
  const folders = readFrom(given.corpus, given.host === 'simulator' ? 'simulator' : 'lab').filter(each =>
    existsSync(each),
  );
  const all = await Promise.all(folders.map(readCorpus));
  return all
    .flatMap(({ entries }) => entries)
    .filter(({ entry }) => isUnder(entry, { ...subject, profile: subject.profile.name }));
}

interface Plan {
  readonly given: NightlyOptions;
  readonly subject: Target;
  readonly entries: readonly Stored[];
  readonly seconds: number;
  /** When the host's quiet hours begin, in milliseconds since 1970. */
  readonly end: number;
  readonly seed: number;
  readonly folder: string;
  readonly typed: Typed;
}

/** A night that was had, with the report of its search. */
interface Had {
  readonly night: NightRecord;
  readonly status: Status;
  readonly search: Report | null;
  readonly replay: Report | null;
  readonly notes: readonly string[];
  /** What its parts ended by that did not come to their end. */
  readonly failures: readonly string[];
}

async function nightOf(plan: Plan, signal: AbortSignal, context: Context): Promise<Had> {
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
    const status = await typed([...args, '--json', file], why => failures.add(why));
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
      coverage: coverageOf([replayed, search]),
    },
    status,
    search,
    replay: replayed,
    notes: [...notes, ...failures],
    failures: [...failures],
  };
}

/** Keeps the night, tells it, and hands back the exit status. */
async function concluded(
  had: Had,
  given: NightlyOptions,
  recipients: readonly Recipient[],
  context: Context,
): Promise<Status> {
  const { night } = had;
  const { changes, nights } = await withHistory(given.history, history => {
    const changes = history.add(night);
    return { changes, nights: history.nights(30, night) };
  });
  const lines = nightLines(night, changes, had.failures);
  context.out('');
  for (const line of lines) typeof line === 'string' ? context.out(line) : context.out(line.text, line.tone);
  const report = reportOf(had, nights);
  await writeReports(given, report, context.warn);
  const news = isNews(changes, night);
  const failures: string[] = [];
  if (news || given.notifyAlways === true) {
    const words = lines.map(line => (typeof line === 'string' ? line : line.text));
    const message = {
      host: night.host,
      title: `stackfuzz: ${words[0] ?? ''}`,
      text: words.join('\n'),
      isUrgent: changes.fresh.length > 0,
      report: { host: night.host, status: night.status, ...shortened(changes) },
    };
    for (const recipient of recipients) {
      const why = await notify(recipient, message);
      if (why !== null) failures.push(why);
    }
    if (failures.length < recipients.length)
      context.note(`Notified: ${recipients.length - failures.length} of ${recipients.length}.`);
  } else if (recipients.length > 0) context.note('Nothing has changed since the last night: nobody is notified.');
  for (const why of failures) context.warn(`Nobody was notified: ${why}`);
  return statusOf(had.status, given.failOn, news, failures.length > 0);
}

/** A message that nobody gets must not look like a quiet night. */
function statusOf(status: Status, failOn: NightlyOptions['failOn'], news: boolean, isUntold: boolean): Status {
  const said = failOn === 'change' && status === exit.violated && !news ? exit.held : status;
  return said === exit.held && isUntold ? exit.inconclusive : said;
}

const shortened = ({ fresh, known, still, gone }: Changes) => {
  const short = (all: Changes['gone']) => all.map(({ signature, promise, entry }) => ({ signature, promise, entry }));
  return { new: short(fresh), known: short(known), still: short(still), gone: short(gone) };
};

const wasTried = (went: Outcomes | undefined): boolean => went !== undefined && went.succeeded + went.failed > 0;

/** How often each operation was done in the parts of a night. */
function coverageOf(parts: readonly (Report | null)[]): NightRecord['coverage'] {
  const sums: Record<string, Outcomes> = {};
  for (const [operation, went] of parts.flatMap(part => Object.entries(part?.coverage ?? {}))) {
    const { succeeded = 0, failed = 0, justified = 0, skipped = 0 } = sums[operation] ?? {};
    sums[operation] = {
      succeeded: succeeded + went.succeeded,
      failed: failed + went.failed,
      justified: justified + (went.justified ?? 0),
      skipped: skipped + (went.skipped ?? 0),
    };
  }
  return sums;
}

/** The search's report with what the rest of the night adds. */
function reportOf({ night, status, search, replay, notes }: Had, nights: readonly ListedNight[]): Report {
  const searched = search?.findings ?? [];
  const others = (replay?.findings ?? []).filter(
    ({ signature }) =>
      night.findings.some(each => each.signature === signature) && !searched.some(each => each.signature === signature),
  );
  return {
    ...(search ?? { format: 1, host: night.host, profile: night.profile, provider: night.provider }),
    command: 'nightly',
    format: 1,
    host: night.host,
    status,
    verdict: verdictWord(status),
    began: new Date(night.began).toISOString(),
    stackfuzz: version(),
    seconds: night.seconds,
    operations: night.stages.reduce((sum, { operations }) => sum + operations, 0),
    findings: [...searched, ...others],
    promises: { ...replay?.promises, ...search?.promises },
    coverage: night.coverage,
    ...(search?.neverTried && { neverTried: search.neverTried.filter(each => !wasTried(night.coverage[each])) }),
    ...(search?.neverSucceeded && {
      neverSucceeded: search.neverSucceeded.filter(each => (night.coverage[each]?.succeeded ?? 0) === 0),
    }),
    notes: [...(search?.notes ?? []), ...notes],
    nights: nights.toReversed().map(each => ({
      date: new Date(each.began).toISOString(),
      verdict: verdictWord(each.status as Status),
      operations: each.operations,
      seconds: each.seconds,
      findings: Object.fromEntries(each.signatures.map(signature => [signature, 1])),
      ...(!each.isWhole && { whole: false }),
    })),
  };
}
