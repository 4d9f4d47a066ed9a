import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type Corpus, mustBeWritable, readCorpus, readEntries, type Stored } from '../../corpus/store.ts';
import { Problem } from '../../problem.ts';
import { modelConfigOf } from '../../profiles/setup.ts';
import { count } from '../../reports/progress.ts';
import type { Report } from '../../reports/report.ts';
import { mustBeReportable, writeReports } from '../../reports/write.ts';
import { commandLine } from '../commands.ts';
import type { Context } from '../context.ts';
import { noteShipped, readFrom } from '../corpora.ts';
import { exit, type Status, toneOf, worst } from '../exit.ts';
import { examples } from '../help.ts';
import { interruptible } from '../interrupt.ts';
import { type Kind, kinds } from '../kinds.ts';
import { limitsFor } from '../limits.ts';
import type { Opened } from '../machines.ts';
import { modelsFlags, triedCatalog } from '../models.ts';
import {
  addShared,
  kindOf,
  ownOf,
  packagesFlags,
  type SharedOptions,
  stacksFlags,
  targetFor,
  targetOf,
} from '../options.ts';
import { acceptedIn } from '../waiving.ts';
import { beyondLimits, beyondSimulator, groupsOf, type ReplayOptions, replayGroup } from './replay/group.ts';
import { leftOut, notReplayed, type Replayed } from './replay/replay-one.ts';
import { type ReplayedEntry, reportOf, withEntry } from './replay/report.ts';

/** `stackfuzz replay`: do what corpus entries say, and compare with what they expect. */
export function addReplay(program: Command, context: Context): void {
  addShared(
    program
      .command('replay')
      .description('repeat the steps of corpus entries, and compare the results with what they expect'),
  )
    .argument('[entry...]', 'files of entries (default: the whole corpus)')
    .addHelpText(
      'after',
      examples(
        ['replay', 'every entry of the corpus'],
        ['replay corpus/no-orphans/*.json --verbose', 'some of them, each with its story'],
        ['replay --corpus corpus-simulator --keep corpus', 'repeats on lab machines what a simulator has shown'],
      ),
    )
    .option(
      '--keep <dir>',
      'also save in this corpus what shows here, with the versions and evidence of these machines',
    )
    .action(async (paths: string[], given: ReplayOptions) => context.end(await replay(paths, given, context)));
}

async function replay(paths: readonly string[], given: ReplayOptions, context: Context): Promise<Status> {
  const kind = kindOf(given.host, context);
  const catalog = await triedCatalog(given.models, modelConfigOf(targetOf()));
  await mustBeReportable(given);
  if (given.keep !== undefined) await mustBeWritable(given.keep);
  const { entries, problems } = await wanted(paths, given, kind, context);
  const { groups, unusable, unread } = groupsOf(entries, given);
  const limits = ownOf(given) === undefined ? undefined : await limitsFor(targetFor(given), catalog.operations);
  const messages = [...problems.map(problem => problem.message), ...unusable];
  for (const message of messages) context.warn(message);
  const accepted = await acceptedIn(readFrom(given.corpus, kind).filter(existsSync), catalog.invariants, context);
  const begun = Date.now();
  const interrupt = interruptible(line => context.warn(line));
  const all: ReplayedEntry[] = [];
  const waiting: Stored[] = [];
  let versions: Report['versions'];
  for (const each of unread) {
    const replayed = paths.length === 0 ? leftOut(each, noReader) : notReplayed(each, noReader);
    context.out(`${each.path}: ${replayed.words}`);
    all.push(withEntry(replayed, [each]));
  }
  try {
    for (const { chosen, stored } of groups) {
      // An entry that was named and cannot be replayed makes the result inconclusive; one of a whole corpus does not.
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
              // If the first rebuild of a profile fails, the other profiles are still replayed.
              if (!(error instanceof Problem)) throw error;
              context.warn(error.message);
              messages.push(error.message);
              return left.map(each => notReplayed(each, 'its profile cannot be used'));
            });
      all.push(...out.map(each => withEntry(each, stored)), ...done.map(each => withEntry(each, stored)));
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

/** The arguments that replay the entries that were not replayed. */
function goingOn(waiting: readonly Stored[], kind: Kind, given: ReplayOptions): readonly string[] {
  const { profile, provider, suite, labs, keep, hosts, stacks, homeManager } = given;
  const same = Object.entries({ host: given.host ?? kind, hosts, profile, provider, suite, labs, keep });
  const flags = same.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  const named = [...stacksFlags(stacks), ...packagesFlags(homeManager), ...modelsFlags(given.models)];
  return [...waiting.map(({ path }) => path), ...flags, ...named];
}

const noReader = 'nothing here reads its compose files: a lab does, or docker-compose 2 on the PATH';

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
  const apart = kinds.simulator.corpus;
  if (kind === 'lab' && given.corpus === undefined && existsSync(apart)) {
    const line = commandLine('replay', ['--corpus', apart, '--keep', kinds.lab.corpus]);
    context.note(`Without ${apart}, which only simulated machines have shown. To ask lab machines: ${line}`);
  }
  const all = await Promise.all(folders.map(readCorpus));
  return { entries: all.flatMap(({ entries }) => entries), problems: all.flatMap(({ problems }) => problems) };
}

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
