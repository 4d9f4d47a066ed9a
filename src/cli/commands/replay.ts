import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { beyondLimitsOf, type MachineLimits } from '../../../models/limits.ts';
import { type Catalog, modelOf } from '../../catalog.ts';
import { type Entry, suiteOf } from '../../corpus/entry.ts';
import {
  type Corpus,
  mendEvidence,
  mustBeWritable,
  readCorpus,
  readEntries,
  type Stored,
  saveEntry,
} from '../../corpus/store.ts';
import type { Violation } from '../../engine/types.ts';
import { Problem } from '../../problem.ts';
import { modelConfigOf } from '../../profiles/setup.ts';
import { count } from '../../reports/progress.ts';
import type { Report, ReportedFinding } from '../../reports/report.ts';
import { coverageIn, promisesOf, stopwatch, storyOf, timing } from '../../reports/story.ts';
import { mustBeReportable, writeReports } from '../../reports/write.ts';
import { commandLine } from '../commands.ts';
import type { Context } from '../context.ts';
import { noteShipped, readFrom, usualCorpus } from '../corpora.ts';
import { exit, type Status, toneOf, verdictWord, worst } from '../exit.ts';
import { stateWords } from '../findings.ts';
import { examples } from '../help.ts';
import { type Interrupt, interruptible } from '../interrupt.ts';
import { limitsFor } from '../limits.ts';
import { isImitated, type Opened } from '../machines.ts';
import { modelsFlags, triedCatalog } from '../models.ts';
import { onMachines } from '../on-machines.ts';
import {
  addShared,
  type Kind,
  kindOf,
  ownOf,
  type SharedOptions,
  suiteIn,
  type Target,
  targetFor,
  targetOf,
  usualSuite,
} from '../options.ts';
import { version } from '../package.ts';
import { usualLabs } from '../usual-labs.ts';
import { type Accepted, acceptedIn } from '../waiving.ts';
import {
  labOnlyOf,
  leftOut,
  notReplayed,
  type Replayed,
  replayOn,
  shownHere,
  withWaiver,
} from './replay/replay-one.ts';

interface ReplayOptions extends SharedOptions {
  /** A corpus that takes over what shows: a search on the simulator proposes, and a lab machine confirms. */
  readonly keep?: string;
}

/** `stackfuzz replay`: do what corpus entries say, and compare with what they expect. */
export function addReplay(program: Command, context: Context): void {
  addShared(
    program.command('replay').description('do again what corpus entries say, and compare with what they expect'),
  )
    .argument('[entry...]', 'files of entries (default: the whole corpus)')
    .addHelpText(
      'after',
      examples(
        ['replay', 'every entry of the corpus'],
        ['replay corpus/no-orphans/*.json --verbose', 'some of them, each with its story'],
        ['replay --corpus corpus-simulator --keep corpus', 'asks lab machines about what a simulator has shown'],
      ),
    )
    .option('--keep <dir>', 'also save there what shows here, with the versions and the evidence of these machines')
    .action(async (paths: string[], given: ReplayOptions) => context.end(await replay(paths, given, context)));
}

async function replay(paths: readonly string[], given: ReplayOptions, context: Context): Promise<Status> {
  const kind = kindOf(given.host, context);
  const catalog = await triedCatalog(given.models, modelConfigOf(targetOf()));
  await mustBeReportable(given);
  if (given.keep !== undefined) await mustBeWritable(given.keep);
  const { entries, problems } = await wanted(paths, given, kind, context);
  const { groups, unusable } = groupsOf(entries, given);
  const limits = ownOf(given) === undefined ? undefined : await limitsFor(targetFor(given), catalog.operations);
  const messages = [...problems.map(problem => problem.message), ...unusable];
  for (const message of messages) context.warn(message);
  const accepted = await acceptedIn(readFrom(given.corpus, kind).filter(existsSync), catalog.invariants, context);
  const begun = Date.now();
  const interrupt = interruptible(line => context.warn(line));
  const all: Told[] = [];
  const waiting: Stored[] = [];
  let versions: Report['versions'];
  try {
    for (const { chosen, stored } of groups) {
      // What somebody asks for by its name and does not get leaves the question open; the rest of a corpus does not.
      const out = [
        ...(kind === 'simulator' && paths.length === 0 ? beyondSimulator(chosen, stored, catalog) : []),
        ...(limits === undefined ? [] : beyondLimits(stored, catalog, limits)),
      ];
      for (const { path, words } of out) context.out(`${path}: ${words}`);
      const left = stored.filter(({ path }) => !out.some(each => each.path === path));
      const run = {
        catalog,
        kind,
        given,
        chosen,
        stored: left,
        accepted,
        limits,
        on: (of: Opened['versions']) => (versions = of),
      };
      const done =
        left.length === 0 || interrupt.signal.aborted
          ? []
          : await replayGroup(run, interrupt, context).catch((error: unknown) => {
              // A profile whose first rebuild fails takes nothing away from the others.
              if (!(error instanceof Problem)) throw error;
              context.warn(error.message);
              messages.push(error.message);
              return left.map(each => notReplayed(each, 'its profile cannot be used'));
            });
      all.push(...out.map(each => toldOf(each, stored)), ...done.map(each => toldOf(each, stored)));
      waiting.push(...left.filter(({ path }) => !done.some(each => each.path === path)));
    }
  } finally {
    interrupt.dispose();
  }
  const judged = all.filter(({ outcome }) => outcome !== 'not applicable');
  const isOpen = waiting.length > 0 || (judged.length === 0 && all.length > 0);
  const status = worst([
    ...all.map(each => each.status),
    ...messages.map(() => exit.usage),
    ...(isOpen ? [exit.inconclusive] : []),
  ]);
  const last = lastWords(judged, all.length - judged.length, messages.length, waiting.length);
  context.out(last, status === exit.held ? 'good' : toneOf[status]);
  if (waiting.length > 0) context.out(`To go on: ${commandLine('replay', goingOn(waiting, kind, given))}`, 'command');
  const report = reportOf({
    status,
    host: given.host ?? kind,
    begun,
    all,
    messages,
    versions,
    catalog,
  });
  await writeReports(given, report, context.warn);
  return status;
}

/** The same again, of the entries that were not replayed. */
function goingOn(waiting: readonly Stored[], kind: Kind, given: ReplayOptions): readonly string[] {
  const { profile, provider, suite, labs, keep, hosts } = given;
  const same = Object.entries({ host: given.host ?? kind, hosts, profile, provider, suite, labs, keep });
  const flags = same.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  return [...waiting.map(({ path }) => path), ...flags, ...modelsFlags(given.models)];
}

async function wanted(paths: readonly string[], given: SharedOptions, kind: Kind, context: Context): Promise<Corpus> {
  if (paths.length > 0) return readEntries(paths);
  const folders = readFrom(given.corpus, kind);
  if (given.corpus === undefined) noteShipped(folders, context);
  const missing = folders.find(folder => !existsSync(folder));
  if (missing !== undefined) {
    throw new Problem({
      expected: 'a corpus folder',
      found: 'nothing of that name',
      where: missing,
      next: 'Name the entries, or their folder: stackfuzz replay --corpus DIR',
    });
  }
  const apart = usualCorpus.simulator;
  if (kind === 'lab' && given.corpus === undefined && existsSync(apart)) {
    const line = commandLine('replay', ['--corpus', apart, '--keep', usualCorpus.lab]);
    context.note(`Without ${apart}, which only simulated machines have shown. To ask lab machines: ${line}`);
  }
  const all = await Promise.all(folders.map(readCorpus));
  return { entries: all.flatMap(({ entries }) => entries), problems: all.flatMap(({ problems }) => problems) };
}

/** The entries that need what a machine of somebody's own cannot do, or may not be made to do. */
const beyondLimits = (stored: readonly Stored[], { operations }: Catalog, limits: MachineLimits): readonly Replayed[] =>
  stored.flatMap(each => {
    const reason = beyondLimitsOf(limits, operations, each.entry.steps);
    return reason === null ? [] : [leftOut(each, reason)];
  });

/** The entries that the simulator cannot show, each with the reason. */
function beyondSimulator(chosen: Target, stored: readonly Stored[], { operations }: Catalog): readonly Replayed[] {
  const whole = isImitated(chosen) ? null : notImitated(chosen);
  return stored.flatMap(each => {
    const reason = whole ?? labOnlyOf(operations, each.entry.steps);
    return reason === null ? [] : [leftOut(each, reason)];
  });
}

const notImitated = ({ profile, suite }: Target): string =>
  `the simulator does not imitate ${suite === usualSuite ? `profile ${profile.name}` : suite}: --host lab`;

interface Group {
  readonly chosen: Target;
  readonly stored: Stored[];
}

/** Entries of one profile, provider and release share their machines. */
function groupsOf(entries: readonly Stored[], given: SharedOptions): { groups: Group[]; unusable: string[] } {
  const groups = new Map<string, Group>();
  const unusable: string[] = [];
  const isOwn = ownOf(given) !== undefined;
  for (const stored of entries) {
    const { entry } = stored;
    const names = [
      given.profile ?? entry.profile,
      given.provider ?? entry.provider,
      given.suite ?? suiteOf(entry),
    ] as const;
    // A machine of somebody's own has the one profile that it has.
    const key = isOwn ? '' : names.join('\n');
    try {
      const group = groups.get(key) ?? { chosen: isOwn ? targetFor(given) : targetOf(...names), stored: [] };
      groups.set(key, group);
      group.stored.push(stored);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      unusable.push(`${stored.path}: its profile cannot be used\n  ${error.message}`);
    }
  }
  return { groups: [...groups.values()], unusable };
}

interface GroupRun extends Group {
  readonly catalog: Catalog;
  readonly kind: Kind;
  readonly given: ReplayOptions;
  readonly accepted: Accepted;
  /** Told what is under test, once a machine is there. */
  readonly on: (versions: Opened['versions']) => void;
  readonly limits: MachineLimits | undefined;
}

/** Replays a group's entries, each machine taking the next one. */
async function replayGroup(group: GroupRun, interrupt: Interrupt, context: Context): Promise<readonly Came[]> {
  const { chosen, stored, given } = group;
  const { profile, provider, suite } = chosen;
  if (group.kind === 'simulator' && !isImitated(chosen)) {
    const all = stored.map(each => notReplayed(each, notImitated(chosen)));
    for (const { path, words } of all) context.out(`${path}: ${words}`);
    return all;
  }
  const model = modelOf(group.catalog, modelConfigOf(chosen), group.kind, group.limits);
  const entries = stored.length === 1 ? '1 entry' : `${stored.length} entries`;
  context.note(
    `Replaying ${entries}: profile ${profile.name}, ${provider}, on ${chosen.own?.name ?? `the ${group.kind}`}${suite === usualSuite ? '' : ` (${suite})`}.`,
  );
  const wanted = {
    kind: group.kind,
    subject: chosen,
    given: { ...given, labs: Math.min(given.labs ?? usualLabs(), stored.length) },
  };
  const done = await onMachines(wanted, interrupt, context, async ({ kind, name, hosts, versions }) => {
    group.on(versions);
    const all: Came[] = [];
    const waiting = [...stored];
    const work = async (host: (typeof hosts)[number]): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && !interrupt.signal.aborted; next = waiting.shift()) {
        const mends = next.missing !== undefined && next.entry.host === name;
        const clock = stopwatch();
        const start = performance.now();
        const { run, ...came } = await replayOn(model, host, next, {
          ...timing(clock),
          kind,
          signal: interrupt.signal,
          evidence: given.keep !== undefined || mends,
        });
        const verdict = run?.verdict;
        const { steps } = next.entry;
        const under = { profile: profile.name, provider, ...suiteIn(chosen), host: name, steps };
        const waiver = verdict?.kind === 'violated' ? group.accepted({ ...verdict.violation, ...under }) : null;
        const took = { seconds: Math.round(performance.now() - start) / 1000 };
        const replayed = { ...withWaiver(came, waiver), ...took };
        if (interrupt.signal.aborted && replayed.outcome === 'inconclusive') continue; // it was cut short
        context.out(`${replayed.path}: ${replayed.words}`, toneOf[replayed.status]);
        if (context.detail === 'verbose') context.out(next.entry.explanation.map(line => `    ${line}`).join('\n'));
        const story = run && storyOf(group.catalog.operations, run, clock);
        const violation = verdict?.kind === 'violated' ? verdict.violation : undefined;
        all.push({ ...replayed, ...(story && { story }), ...(violation && { violation }) });
        const shown = run !== undefined && replayed.outcome === 'violated' ? run : null;
        if (next.missing !== undefined) await mend(next, mends ? shown?.evidence : undefined, context);
        if (given.keep === undefined || shown === null) continue;
        const { suite: _, alsoWith: __, ...known } = next.entry;
        const entry = { ...known, profile: profile.name, provider, ...suiteIn(chosen) };
        const here = shownHere(entry, shown, { host: name, versions, operations: group.catalog.operations });
        await keepIn(given.keep, here, shown.evidence, context);
      }
    };
    await Promise.all(hosts.map(work));
    return all;
  });
  if (done !== null) return done;
  return interrupt.signal.aborted ? [] : stored.map(each => notReplayed(each, 'no machine could be opened'));
}

/** Says that evidence is missing; where the finding has just shown again, on machines of the same kind, it is written anew. */
async function mend(stored: Stored, evidence: string | undefined, context: Context): Promise<void> {
  const { missing, entry } = stored;
  try {
    const mended = evidence === undefined ? null : await mendEvidence(stored, evidence);
    if (mended !== null) return context.out(`  its evidence was missing, and is there now: ${mended}`);
  } catch (error) {
    return context.warn(`  its evidence is missing, and cannot be written: ${missing} (${(error as Error).message})`);
  }
  context.warn(
    `  its evidence is missing: ${missing}\n  A replay on the ${entry.host} that shows it again writes it anew.`,
  );
}

/** Saves what showed in another corpus; where that fails, the verdict stands all the same. */
async function keepIn(
  folder: string,
  entry: Omit<Entry, 'evidence'>,
  evidence: string | undefined,
  context: Context,
): Promise<void> {
  try {
    const { path, state } = await saveEntry(folder, entry, evidence);
    context.out(`  ${state === 'saved' ? 'kept' : lowered(stateWords[state])}: ${path}`);
  } catch (error) {
    context.warn(
      `  It cannot be kept in ${folder} (${(error as Error).message}). Here it is, to be saved by hand:\n${JSON.stringify(entry)}`,
    );
  }
}

const lowered = (words: string): string => `${words.charAt(0).toLowerCase()}${words.slice(1)}`;

function lastWords(judged: readonly Replayed[], left: number, broken: number, waiting: number): string {
  if (judged.length + left + broken + waiting === 0) return 'There is nothing to replay.';
  const right = judged.filter(each => each.status === exit.held).length;
  const more = [
    ...(left === 0 ? [] : [`${left} left out, which these machines cannot show`]),
    ...(broken === 0 ? [] : [`${count(broken, 'file')} that cannot be replayed`]),
    ...(waiting === 0 ? [] : [`${waiting} not replayed, because it was stopped`]),
  ];
  return `${[`${right} of ${judged.length} came out as expected`, ...more].join(', ')}.`;
}

/** What came of an entry, with what its last run showed. */
interface Came extends Replayed {
  readonly story?: ReportedFinding['story'];
  readonly violation?: Violation;
}

interface Told extends Came {
  readonly entry: Entry | undefined;
}

const toldOf = (came: Came, stored: readonly Stored[]): Told => ({
  ...came,
  entry: stored.find(({ path }) => path === came.path)?.entry,
});

interface Done {
  readonly status: Status;
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly begun: number;
  readonly all: readonly Told[];
  readonly messages: readonly string[];
  readonly versions: Report['versions'];
  readonly catalog: Catalog;
}

function reportOf({ status, host, begun, all, messages, versions, catalog }: Done): Report {
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

/** What all of the entries were found with, where that is the same. */
function same(name: 'profile' | 'provider', all: readonly Told[]): Partial<Pick<Report, 'profile' | 'provider'>> {
  const values = new Set(all.map(({ entry }) => entry?.[name]));
  const [only] = values;
  return values.size === 1 && only !== undefined ? { [name]: only } : {};
}

/** What an entry showed, as a finding: one that was known, but where it is said to be mended or something else broke. */
function foundIn({ path, violation, story, entry, outcome, waiver, expect }: Told): readonly ReportedFinding[] {
  if (violation === undefined || entry === undefined) return [];
  const { invariant, promise, signature, details } = violation;
  const known = outcome === 'violated' && expect === 'violated';
  const explanation = outcome === 'violated' ? { explanation: entry.explanation } : {};
  const { steps, shows } = entry;
  return [{ invariant, promise, signature, details, steps, known, entry: path, shows, waiver, story, ...explanation }];
}
