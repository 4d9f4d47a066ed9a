import { neverDone } from '../engine/coverage.ts';
import { type Report, type ReportedFinding, writeReport } from '../reports/json.ts';
import { closing } from '../reports/summary.ts';
import { commandLine } from './commands.ts';
import type { Context } from './context.ts';
import { exit, type Status, verdictWord } from './exit.ts';
import type { Searched } from './search.ts';

/** Says what came of a search, writes the report, and hands back the exit status. */
export async function conclude(searched: Searched, context: Context): Promise<Status> {
  const { session, kept, plan, seconds } = searched;
  const met = searched.known
    .map(({ path, entry }) => ({ path, told: entry, times: session.known[entry.signature] ?? 0 }))
    .filter(({ times }) => times > 0);
  // What another run saved while this one searched is known too, and was found here all the same.
  const found = kept.map(({ path, finding, isNew }) => ({
    path,
    isNew,
    told: { ...finding.violation, steps: finding.steps },
  }));
  const known = [...met, ...found.filter(({ isNew }) => !isNew).map(each => ({ ...each, times: 1 }))];
  const fresh = found.filter(({ isNew }) => isNew);
  const said = statusOf(searched, known.length);
  const status = searched.crashes.length > 0 ? exit.crashed : said;
  const lines = closing({
    verdict: verdictWord(said),
    operations: session.operations,
    runs: session.runs,
    seconds,
    seed: plan.seed,
    ended: session.ended,
    fresh: fresh.map(({ path, told }) => ({ path, promise: told.promise })),
    known: known.map(({ path, told, times }) => ({ path, promise: told.promise, times })),
    once: session.flaky.map(({ violation }) => violation.signature),
    reasons: session.inconclusive.map(({ reason }) => reason),
    crashes: searched.crashes.map(({ index, message, file }) => ({ run: index, message, file })),
    unexplained: searched.unexplained,
    never: neverDone(session.coverage),
    next: nextLine(searched),
  });
  context.out(lines.join('\n'));
  if (plan.json !== undefined) {
    const findings = [
      ...fresh.map(({ path, told }) => reported(path, told, false)),
      ...known.map(({ path, told }) => reported(path, told, true)),
    ];
    await writeReport(plan.json, reportOf(searched, status, said, findings), context.note);
  }
  return status;
}

function statusOf({ session, kept }: Searched, known: number): Status {
  if (kept.length > 0 || known > 0) return exit.violated;
  const stopped = session.ended === 'stopped by the operator';
  const untold = session.inconclusive.length + session.crashes.length + session.flaky.length;
  return stopped || untold > 0 || session.runs === 0 ? exit.inconclusive : exit.held;
}

/** The same search, from the next run on. */
function nextLine({ session, plan, subject, opened }: Searched): string {
  const { seed, steps, corpus } = plan;
  return commandLine('fuzz', [
    ...['--host', opened.kind, ...subject.flags, '--seed', String(seed), '--from', String(session.next)],
    ...(steps === 30 ? [] : ['--steps', String(steps)]),
    ...(corpus === undefined ? [] : ['--corpus', corpus]),
  ]);
}

type Told = Pick<ReportedFinding, 'invariant' | 'promise' | 'signature' | 'details' | 'steps'>;

const reported = (entry: string, told: Told, known: boolean): ReportedFinding => {
  const { invariant, promise, signature, details, steps } = told;
  return { invariant, promise, signature, details, steps, known, entry };
};

function reportOf(searched: Searched, status: Status, said: Status, findings: readonly ReportedFinding[]): Report {
  const { session, plan, subject, opened, seconds } = searched;
  return {
    format: 1,
    command: 'fuzz',
    status,
    verdict: verdictWord(said),
    profile: subject.profile.name,
    provider: subject.provider,
    suite: subject.suite,
    host: opened.kind,
    versions: opened.versions,
    seconds,
    operations: session.operations,
    runs: session.runs,
    seed: plan.seed,
    from: plan.from,
    next: session.next,
    ended: session.ended,
    findings,
    once: session.flaky.map(({ violation }) => violation.signature),
    inconclusive: session.inconclusive,
    crashes: searched.crashes.map(({ index, ...crash }) => ({ run: index, ...crash })),
    cost: session.cost,
    coverage: session.coverage,
  };
}
