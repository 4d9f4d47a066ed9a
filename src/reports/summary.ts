import { clock, count } from './progress.ts';
import type { Line, Tone } from './terminal.ts';

/** The result of a search. */
export interface SearchOutcome {
  readonly verdict: 'held' | 'violated' | 'inconclusive';
  /**
   * Operations that were done to machines, as the progress line counts them; of these, those in the runs of the search, and
   * those that another machine did ahead in runs that were no longer needed. The rest confirmed and shrank findings.
   */
  readonly operations: number;
  readonly searching: number;
  readonly ahead: number;
  readonly runs: number;
  /** Number of runs, by stage. */
  readonly stages: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly seed: number;
  /** Why the search ended, in words. */
  readonly ended: string;
  /** Files of new findings, with their promises. */
  readonly fresh: readonly Listed[];
  /** Findings that the corpus already had, with how often each was met. */
  readonly known: readonly (Listed & { readonly times: number })[];
  /** Waivers that need attention. */
  readonly warnings: readonly string[];
  /** Violations that are races: in how many of so many runs each showed. */
  readonly races: readonly (Listed & { readonly shows: { readonly times: number; readonly of: number } })[];
  /** Violations that did not show again. */
  readonly once: readonly string[];
  /** Why some runs have no verdict. */
  readonly reasons: readonly string[];
  /** Faults of stackfuzz itself, with the run and the file of each. */
  readonly crashes: readonly { readonly run: number; readonly message: string; readonly file: string | null }[];
  /** The folder with the machines' output in those runs, and of what was seen only once. */
  readonly unexplained: string | undefined;
  /**
   * Operations that were never tried on such machines, in this search or an earlier one, and those that never succeeded: a pass
   * says nothing about them.
   */
  readonly never: { readonly tried: readonly string[]; readonly succeeded: readonly string[]; readonly of: number };
  /** The command that goes on. */
  readonly next: string;
}

interface Listed {
  readonly path: string;
  readonly invariant: string;
  readonly promise: string;
  /** What was seen, one sentence each. */
  readonly details: readonly string[];
  /** Where else the same was seen. */
  readonly also?: readonly string[];
  /** Who accepted it, until when and why. */
  readonly waiver?: string | undefined;
}

/** The last lines of a search. */
export function closing(outcome: SearchOutcome): readonly Line[] {
  const { once, reasons, unexplained } = outcome;
  return [
    { text: headline(outcome), tone: toneOf[outcome.verdict] },
    ...neverOf(outcome),
    `  ${operationsIn(outcome)} in ${runsIn(outcome)}, ${clock(outcome.seconds)} minutes, seed ${outcome.seed}. It ended: ${outcome.ended}.`,
    ...outcome.warnings.map(line => ({ text: `  ${line}`, tone: 'warning' as const })),
    ...findingsOf(outcome),
    ...once.map(signature => `  seen once, not again when asked: ${signature}`),
    ...reasonsOf(reasons),
    ...crashesOf(outcome.crashes),
    ...(unexplained === undefined ? [] : [`  What the machines said there is kept in ${unexplained}`]),
    { text: `To go on: ${outcome.next}`, tone: 'command' },
  ];
}

const toneOf: Readonly<Record<SearchOutcome['verdict'], Tone>> = {
  held: 'good',
  violated: 'bad',
  inconclusive: 'warning',
};

/** Each finding once, by the promises that they break: promises with new findings first, and in each the new findings first. */
function findingsOf({ fresh, known, races }: SearchOutcome): readonly Line[] {
  const all = [
    ...fresh.map(each => ({ ...each, how: 'new' })),
    ...races.map(each => ({
      ...each,
      how: `comes and goes, shown in ${each.shows.times} of ${count(each.shows.of, 'run')}`,
    })),
    ...known.map(each => ({ ...each, how: `known, met ${count(each.times, 'time')}` })),
  ];
  const promises = [...new Set(all.map(({ invariant }) => invariant))];
  return promises.flatMap(name => {
    const broken = all.filter(({ invariant }) => invariant === name);
    return [
      { text: `  promise ${name}`, tone: 'title' as const },
      `    expected: ${broken[0]?.promise}`,
      ...broken.flatMap(each => [`    ${each.how}: ${each.path}`, ...about(each)]),
    ];
  });
}

/** What a pass says nothing about; it is printed first. */
function neverOf({ never: { tried, succeeded, of }, runs }: SearchOutcome): readonly string[] {
  if (runs === 0) return [];
  const failed = succeeded.filter(name => !tried.includes(name));
  return [
    ...(tried.length === 0 ? [] : [`  Never tried on such a machine: ${partOf(tried, of)}.`]),
    ...(failed.length === 0 ? [] : [`  Tried, and never succeeded: ${partOf(failed, of)}.`]),
  ];
}

/** Most names in a line; of the others only the number is printed. */
const mostNames = 6;

const partOf = (names: readonly string[], of: number): string =>
  `${names.length} of ${of}${names.length > mostNames ? ' (--json FILE lists them)' : ` (${names.join(', ')})`}`;

function operationsIn({ operations, searching, ahead }: SearchOutcome): string {
  const all = count(operations, 'operation');
  if (operations === searching) return all;
  const again = operations - searching - ahead;
  const parts = [
    `${searching} to search`,
    ...(again > 0 ? [`${again} to confirm and shrink`] : []),
    ...(ahead > 0 ? [`${ahead} in runs that were cut short`] : []),
  ];
  return `${all} (${parts.join(', ')})`;
}

function runsIn({ runs, stages }: SearchOutcome): string {
  const parts = Object.entries(stages).filter(([, number]) => number > 0);
  const only = parts.length === 1 && parts[0]?.[0] === 'walks';
  return only || parts.length === 0
    ? count(runs, 'run')
    : `${count(runs, 'run')} (${parts.map(([stage, number]) => `${stage}: ${number}`).join(', ')})`;
}

/** What is printed below the file of a finding. */
function about({ details: [first = 'nothing more was said', ...rest], also = [], waiver }: Listed): readonly string[] {
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  const others = also.map(where => `the same: ${where}`);
  return [`actual: ${first}${more}`, ...others, ...(waiver === undefined ? [] : [waiver])].map(line => `      ${line}`);
}

function headline({ verdict, fresh, known, runs }: SearchOutcome): string {
  if (verdict === 'violated') {
    const old = known.length === 0 ? '' : `, ${known.length} known from the corpus`;
    return `VIOLATED: ${count(fresh.length, 'new finding')}${old}.`;
  }
  if (verdict === 'held' && fresh.length + known.length > 0)
    return `HELD, except for what is waived: ${count(known.length, 'known finding')}.`;
  if (verdict === 'held') return `HELD: every promise was kept in ${count(runs, 'run')}.`;
  return 'INCONCLUSIVE: no broken promise was found, but not every run has a verdict.';
}

function crashesOf(crashes: SearchOutcome['crashes']): readonly string[] {
  if (crashes.length === 0) return [];
  const files = crashes.map(
    ({ run, message, file }) => `    run ${run}: ${message.split('\n')[0]}\n      ${file ?? 'not saved, see above'}`,
  );
  return [`  stackfuzz itself crashed in ${count(crashes.length, 'run')}; these have no verdict:`, ...files];
}

function reasonsOf(reasons: readonly string[]): readonly string[] {
  const [first] = reasons;
  if (first === undefined) return [];
  return [`  ${count(reasons.length, 'run')} without a verdict; the first because: ${first}`];
}
