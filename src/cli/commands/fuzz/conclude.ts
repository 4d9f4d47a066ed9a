import { providersOf } from '../../../corpus/entry.ts';
import { isUnder } from '../../../corpus/store.ts';
import { neverDone, neverTried } from '../../../engine/session/coverage.ts';
import { machineWords } from '../../../reports/explain.ts';
import type { Report, ReportedFinding } from '../../../reports/report.ts';
import { closing } from '../../../reports/summary.ts';
import type { Line } from '../../../reports/terminal.ts';
import { writeReports } from '../../../reports/write.ts';
import { type Waiver, waiverOf, waiverWords, warnings } from '../../../triage/waivers.ts';
import { commandLine } from '../../commands.ts';
import type { Context } from '../../context.ts';
import { exit, type Status, verdictWord } from '../../exit.ts';
import { unsaved } from '../../findings.ts';
import { stacksIn } from '../../options.ts';
import { version } from '../../package.ts';
import type { Searched } from './search.ts';

/** Says what came of a search, writes the report, and hands back the exit status. */
export async function conclude(searched: Searched, context: Context): Promise<Status> {
  const { session, kept, plan, subject, seconds } = searched;
  const met = searched.known
    .map(({ path, entry }) => ({
      path,
      finding: entry,
      story: searched.stories.met(entry.signature),
      times: session.known[entry.signature] ?? 0,
    }))
    .filter(({ times }) => times > 0);
  // What another run saved while this one searched is known too, and was found here all the same.
  const found = kept.map(({ path, finding, explanation, isNew }) => ({
    path,
    isNew,
    story: searched.stories.of(finding.run),
    finding: {
      ...finding.violation,
      steps: finding.steps,
      explanation,
      ...(finding.shows !== undefined && { shows: finding.shows }),
    },
  }));
  const known = [...met, ...found.filter(({ isNew }) => !isNew).map(each => ({ ...each, times: 1 }))];
  const fresh = found.filter(({ isNew }) => isNew);
  // What comes and goes is told of apart: it is no lie proved.
  const isRace = ({ finding }: { readonly finding: FindingParts }): boolean => finding.shows !== undefined;
  const now = new Date();
  const under = { ...subject, profile: subject.profile.name, host: searched.opened.name };
  const waived = (finding: FindingParts): Waiver | undefined =>
    waiverOf(searched.waivers, { ...finding, ...under }, now);
  const listed = (finding: FindingParts) => ({
    invariant: finding.invariant,
    promise: finding.promise,
    details: finding.details,
    also: elsewhere(searched, finding),
    waiver: waived(finding) && waiverWords(waived(finding) as Waiver),
  });
  const said = statusOf(
    searched,
    [...fresh, ...known].filter(({ finding }) => waived(finding) === undefined),
  );
  const status = searched.crashes.length > 0 ? exit.crashed : said;
  const lines = closing({
    verdict: verdictWord(said),
    operations: session.done,
    searching: session.operations,
    ahead: session.discarded,
    runs: session.runs,
    stages: session.stages,
    seconds,
    seed: plan.seed,
    ended: session.ended,
    fresh: fresh.filter(each => !isRace(each)).map(({ path, finding }) => ({ path, ...listed(finding) })),
    known: known.filter(each => !isRace(each)).map(({ path, finding, times }) => ({ path, ...listed(finding), times })),
    warnings: warnings(
      searched.waivers,
      searched.entries.map(({ entry }) => entry),
      now,
    ),
    races: [...fresh, ...known].flatMap(({ path, finding }) =>
      finding.shows === undefined ? [] : [{ path, ...listed(finding), shows: finding.shows }],
    ),
    once: session.flaky.map(({ violation, again }) => `${violation.signature} (asked for again ${again.of} times)`),
    reasons: session.inconclusive.map(({ reason }) => reason),
    crashes: searched.crashes.map(({ index, message, file }) => ({ run: index, message, file })),
    unexplained: searched.unexplained,
    never: {
      tried: neverTried(searched.tried.operations, searched.session.coverage),
      succeeded: neverDone(searched.tried.operations, searched.session.coverage),
      of: Object.keys(session.coverage).length,
    },
    next: nextLine(searched),
  });
  for (const line of lines) say(line, context);
  const findings = [
    ...fresh.map(each => reported(each, false, listed(each.finding))),
    ...known.map(each => reported(each, true, listed(each.finding))),
  ];
  await writeReports(plan.reports, reportOf(searched, status, said, findings), context.warn);
  return status;
}

const say = (line: Line, context: Context): void =>
  typeof line === 'string' ? context.out(line) : context.out(line.text, line.tone);

function statusOf({ session, isStopped }: Searched, met: readonly { readonly finding: FindingParts }[]): Status {
  if (met.some(({ finding }) => finding.shows === undefined)) return exit.violated;
  const untold = session.inconclusive.length + session.crashes.length + session.flaky.length + met.length;
  return isStopped || untold > 0 || session.runs === 0 ? exit.inconclusive : exit.held;
}

/** Under which other profiles, providers, releases and kinds of machine the same was seen, by the corpus. */
const elsewhere = (
  { entries, subject }: Searched,
  { signature }: Pick<FindingParts, 'signature'>,
): readonly string[] => [
  ...new Set(
    entries
      .filter(
        ({ entry }) => entry.signature === signature && !isUnder(entry, { ...subject, profile: subject.profile.name }),
      )
      .map(({ entry }) => machineWords({ ...entry, provider: providersOf(entry).join(' and ') })),
  ),
];

/** The same search, from the next run on. */
function nextLine({ session, plan, subject, opened }: Searched): string {
  const { seed, steps, corpus, schedule } = plan;
  const { stage, number } = session.goOn;
  const left = schedule.slice(schedule.indexOf(stage));
  // What was tried is known from the file, and neighbours are drawn anew: they have no number to go on from.
  const from = stage === 'differences' || stage === 'neighbours' ? [] : ['--from', String(number)];
  return commandLine('fuzz', [
    ...['--host', opened.name, ...subject.flags, '--seed', String(seed), '--schedule', left.join(','), ...from],
    ...(steps === 30 ? [] : ['--steps', String(steps)]),
    ...(corpus === undefined ? [] : ['--corpus', corpus]),
  ]);
}

type FindingParts = Pick<
  ReportedFinding,
  'invariant' | 'promise' | 'signature' | 'details' | 'steps' | 'shows' | 'explanation'
>;

const reported = (
  {
    path,
    finding,
    story,
  }: { readonly path: string; readonly finding: FindingParts; readonly story: ReportedFinding['story'] },
  known: boolean,
  { also, waiver }: Pick<ReportedFinding, 'also' | 'waiver'>,
): ReportedFinding => {
  const { invariant, promise, signature, details, steps, shows, explanation } = finding;
  const entry = path === unsaved ? null : path;
  return { invariant, promise, signature, details, steps, known, entry, shows, also, waiver, explanation, story };
};

function reportOf(searched: Searched, status: Status, said: Status, findings: readonly ReportedFinding[]): Report {
  const { session, plan, subject, opened, seconds } = searched;
  return {
    format: 1,
    command: 'fuzz',
    status,
    verdict: verdictWord(said),
    began: new Date(searched.begun).toISOString(),
    stackfuzz: version(),
    profile: subject.profile.name,
    provider: subject.provider,
    ...(subject.own === undefined && { suite: subject.suite }), // of a machine of one’s own nobody said which it is
    ...stacksIn(subject),
    host: opened.name,
    versions: opened.versions,
    seconds,
    operations: session.done,
    runs: session.runs,
    stages: session.stages,
    schedule: plan.schedule,
    seed: plan.seed,
    from: plan.from,
    next: session.next,
    ended: session.ended,
    findings,
    once: session.flaky.map(({ violation }) => violation.signature),
    inconclusive: session.inconclusive,
    crashes: searched.crashes.map(({ index, ...crash }) => ({ run: index, ...crash })),
    cost: { searching: session.operations, ...session.cost, discarded: session.discarded },
    coverage: session.coverage,
    promises: searched.promises,
    goOn: nextLine(searched),
    neverTried: neverTried(searched.tried.operations, searched.session.coverage),
    neverSucceeded: neverDone(searched.tried.operations, searched.session.coverage),
  };
}
