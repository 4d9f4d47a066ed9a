import { clock, count } from './progress.ts';
import type { Difference, Report, ReportedFinding, ToldStep } from './report.ts';

/** Whether a finding is news, and whether it counts. */
export type FindingStanding = 'new' | 'race' | 'known' | 'waived';

/** Whether a finding was accepted, is a race, was known before, or is new. */
export const standingOf = ({ waiver, shows, known }: ReportedFinding): FindingStanding =>
  waiver !== undefined ? 'waived' : shows !== undefined ? 'race' : known === true ? 'known' : 'new';

/** The same in words. */
export function standingWords(finding: ReportedFinding): string {
  const { shows } = finding;
  const words = { new: 'new', known: 'known', waived: 'waived', race: '' }[standingOf(finding)];
  if (shows === undefined) return words;
  return `${words === '' ? '' : `${words}, `}comes and goes: shown in ${shows.times} of ${count(shows.of, 'run')}`;
}

/** The result of a report, in one sentence without a full stop. */
export function headlineOf({ verdict, findings, crashes = [] }: Report): string {
  const open = findings.filter(each => standingOf(each) !== 'waived');
  const fresh = open.filter(each => standingOf(each) === 'new').length;
  const crashed = crashes.length === 0 ? '' : `; stackfuzz itself crashed ${count(crashes.length, 'time')}`;
  if (verdict === 'violated') {
    const old = open.length - fresh;
    const parts = [...(fresh > 0 ? [count(fresh, 'new finding')] : []), ...(old > 0 ? [`${old} known`] : [])];
    return `${parts.length === 0 ? 'A promise was broken' : `Promises were broken: ${parts.join(', ')}`}${crashed}`;
  }
  if (verdict === 'held') {
    const waived = findings.length - open.length;
    return `Every promise was kept${waived === 0 ? '' : `, but for ${waived} waived`}${crashed}`;
  }
  return `Nothing can be said for certain${crashed}`;
}

/** How and on which machines it was made: words and values. */
export function circumstancesOf(report: Report): readonly (readonly [what: string, value: string])[] {
  const {
    began,
    host,
    profile,
    provider,
    suite,
    stacks = [],
    seconds,
    operations,
    runs,
    seed,
    states,
    versions = {},
  } = report;
  const versionWords = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const all: readonly (readonly [string, string | undefined])[] = [
    ['machine', [host, suite].filter(each => each !== undefined).join(', ')],
    ['profile', profile],
    ['compose provider', provider],
    ['compose files', stacks.join(', ')],
    ['began', began && `${began.slice(0, 16).replace('T', ' ')} UTC`],
    ['took', `${clock(seconds)} minutes`],
    ['operations', operations.toLocaleString('en-US')],
    ['runs', runs?.toLocaleString('en-US')],
    ['states', states?.toLocaleString('en-US')],
    ['seed', seed === undefined ? undefined : String(seed)],
    ['versions', versionWords.length === 0 ? undefined : versionWords.join(', ')],
    ['it ended', report.ended],
  ];
  return all.flatMap(([what, value]) => (value === undefined || value === '' ? [] : [[what, value] as const]));
}

/** Findings by the promise that they break; promises with new findings first, and in each the new findings first. */
export function byPromise(
  findings: readonly ReportedFinding[],
): readonly { readonly invariant: string; readonly promise: string; readonly findings: readonly ReportedFinding[] }[] {
  const order: readonly FindingStanding[] = ['new', 'race', 'known', 'waived'];
  const rank = (finding: ReportedFinding): number => order.indexOf(standingOf(finding));
  const sorted = [...findings].sort((one, other) => rank(one) - rank(other));
  return [...new Set(sorted.map(({ invariant }) => invariant))].map(invariant => {
    const own = sorted.filter(each => each.invariant === invariant);
    return { invariant, promise: own[0]?.promise ?? '', findings: own };
  });
}

/** A signature without the promise at its beginning. */
export const signatureWords = ({ signature, invariant }: Pick<ReportedFinding, 'signature' | 'invariant'>): string =>
  signature.startsWith(`${invariant}: `) ? signature.slice(invariant.length + 2) : signature;

/** How a step ended, in words; nothing for drift, which claims nothing. */
export function endedWords({ kind, ended, status, says, mayFail }: ToldStep): string {
  if (ended === 'skipped') return 'left out, it was no longer possible';
  if (ended === 'untold') return 'nobody knows how it ended';
  if (ended === 'succeeded') return kind === 'command' ? 'it said that it succeeded' : '';
  const quoted = says === undefined ? '' : `, with "${says}"`;
  const excuse = mayFail.length === 0 ? '' : ` (as it may, because ${mayFail.join(', and because ')})`;
  return `it failed with status ${status}${quoted}${excuse}`;
}

/** The steps of a finding, one sentence each. */
export const stepSentences = ({ story, steps }: ReportedFinding): readonly string[] =>
  story === undefined
    ? steps.map(({ operation, args }) => [operation, ...Object.values(args)].join(' '))
    : story.steps.filter(({ ended }) => ended !== 'skipped').map(stepWords);

const stepWords = (step: ToldStep): string => [step.words, endedWords(step)].filter(each => each !== '').join(': ');

/** The value of a field as it is shown; `nothing` if it is absent. */
export const valueWords = (value: Difference['actual'] | undefined): string =>
  value === undefined ? 'nothing' : typeof value === 'string' ? value || '(empty)' : JSON.stringify(value);

/** How often operations succeeded or failed; the most frequent first, and at the end those that were never tried. */
export const coverageOf = ({ coverage = {} }: Report) =>
  Object.entries(coverage)
    .map(([operation, went]) => ({ operation, ...went }))
    .sort((one, other) => other.succeeded + other.failed - (one.succeeded + one.failed));
