import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { stages } from '../../engine/schedule/slots.ts';
import { type Changes, withHistory } from '../../history/history.ts';
import { mustBeReportable, writeReports } from '../../reports/write.ts';
import type { Context, Main } from '../context.ts';
import { exit, type Status } from '../exit.ts';
import { examples } from '../help.ts';
import { notifiedOf } from '../hosts-file.ts';
import { interruptible } from '../interrupt.ts';
import { addPackages, addReports, addStacks, type Target, targetFor } from '../options.ts';
import { duration, positive, seed } from '../values.ts';
import { stagesOf } from './fuzz.ts';
import { usualHistory } from './history.ts';
import { isNews, nightLines } from './nightly/lines.ts';
import { flagsOf, type NightlyOptions, nightOf, ofSubject } from './nightly/night.ts';
import { notify, type Recipient, recipientIn, recipientOf } from './nightly/notify.ts';
import { quietUntil, secondsUntil } from './nightly/quiet.ts';
import { type Had, reportOfNight } from './nightly/record.ts';

/** Seconds of searching where nobody says. */
const usualBudget = 3600;

/**
 * `stackfuzz nightly`: what a timer starts. It does what other commands do, by their command lines, so that each part of a night
 * can be done again by hand.
 */
export function addNightly(program: Command, context: Context, typed: Main): void {
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

async function nightlyOn(given: NightlyOptions, typed: Main, context: Context): Promise<Status> {
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
  typed: Main,
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
  const report = reportOfNight(had, nights);
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
