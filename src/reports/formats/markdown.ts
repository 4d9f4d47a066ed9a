import { visible } from '../../visible.ts';
import {
  byPromise,
  circumstancesOf,
  headlineOf,
  signatureWords,
  standingWords,
  stepSentences,
  valueWords,
} from '../facts.ts';
import { count } from '../progress.ts';
import type { Report, ReportedFinding } from '../report.ts';

/** A report as Markdown, for an issue, a pull request or the summary of a job. */
export function markdown(report: Report): string {
  const { findings, goOn, notes = [], neverTried = [], coverage = {}, nights = [] } = report;
  const lines = [
    `# stackfuzz ${report.command}: ${report.verdict}`,
    '',
    `**${inline(headlineOf(report))}.**`,
    '',
    ...table(['', ''], circumstancesOf(report)),
    ...section('To be noted', notes.map(point)),
    ...byPromise(findings).flatMap(group => [
      `## ${code(group.invariant)}: ${inline(group.promise)}`,
      '',
      ...group.findings.flatMap(findingLines),
    ]),
    ...casesIn(report),
    ...section('Of these nothing can be said', (report.inconclusive ?? []).map(undecidedWords)),
    ...section(
      'stackfuzz itself crashed',
      (report.crashes ?? []).map(({ message }) => point(message.split('\n')[0] ?? '')),
    ),
    ...section(
      'Never tried',
      neverTried.length === 0
        ? []
        : [`${neverTried.length} of ${Object.keys(coverage).length} operations: ${neverTried.map(code).join(', ')}`],
    ),
    ...section(
      'Nights',
      nights.length === 0
        ? []
        : table(
            ['night', 'verdict', 'operations', 'findings'],
            nights.map(({ date, verdict, operations, findings: met }) => [
              date.slice(0, 10),
              verdict,
              String(operations),
              String(Object.keys(met).length),
            ]),
          ).slice(0, -1),
    ),
    ...(goOn === undefined ? [] : ['## To go on', '', ...fenced(goOn), '']),
  ];
  return lines.join('\n');
}

function findingLines(finding: ReportedFinding): readonly string[] {
  const { details, story, entry, also = [], waiver } = finding;
  const steps = stepSentences(finding);
  const fields = story?.parted?.fields ?? [];
  return [
    `### ${inline(standingWords(finding))}: ${inline(signatureWords(finding))}`,
    '',
    ...(waiver === undefined ? [] : [`> ${inline(waiver)}`, '']),
    ...(steps.length === 0 ? ['Nothing was done but the first rebuild.', ''] : ['What was done:', '']),
    ...steps.map((step, index) => `${index + 1}. ${inline(step)}`),
    ...(steps.length === 0 ? [] : ['']),
    'What was seen then:',
    '',
    ...details.map(point),
    '',
    ...(fields.length === 0
      ? []
      : [
          'Where model and machine part:',
          '',
          ...table(
            ['field', 'expected', 'actual'],
            fields.map(({ at, expected, actual }) => [at, valueWords(expected), valueWords(actual)]),
          ),
        ]),
    ...also.map(where => point(`the same: ${where}`)),
    ...(also.length === 0 ? [] : ['']),
    ...(entry == null ? [] : [`Kept in ${code(entry)}.`, '']),
  ];
}

const casesIn = ({ entries = [], cases = [] }: Report): readonly string[] => [
  ...section(
    'Entries of the corpus',
    entries.length === 0
      ? []
      : table(
          ['entry', 'expected', 'what came of it'],
          entries.map(({ path, expect, words }) => [path, expect, words]),
        ).slice(0, -1),
  ),
  ...section(
    'Cases',
    cases.length === 0
      ? []
      : table(
          ['scenario', 'case', 'ended', 'because'],
          cases.map(({ scenario, name, ending, reasons }) => [scenario, name, ending, reasons[0] ?? '']),
        ).slice(0, -1),
  ),
];

function undecidedWords(one: NonNullable<Report['inconclusive']>[number]): string {
  if ('reason' in one) return point(`run ${one.index}: ${one.reason}`);
  return point(`${one.signature}, after ${count(one.steps.length, 'step')}`);
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''];

const point = (text: string): string => `- ${inline(text)}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(cells => row(cells.map(inline))), ''];
}

/**
 * A text in one line that Markdown shows unchanged: a backslash is put before everything that would begin emphasis, a link,
 * code, a table cell or HTML (CommonMark 2.4), and before what would begin a list or a heading at the start of a line.
 */
export const inline = (text: string): string =>
  visible(text)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*[\]<>|~&!$@:]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, character => `\\${character}`)
    .replace(/^([#+=-]|\d{1,9}(?=[.)]))/, start => (/\d/.test(start) ? start : `\\${start}`))
    .replace(/^(\d{1,9})([.)])/, '$1\\$2');

/** A name as code, between more backticks than it contains in a row (CommonMark 6.1). */
export function code(text: string): string {
  const plain = visible(text).replace(/\s+/g, ' ');
  const fence = '`'.repeat(longestRun(plain) + 1);
  const room = /^`|`$|^ .* $/.test(plain) ? ' ' : '';
  return plain === '' ? '' : `${fence}${room}${plain}${room}${fence}`;
}

/** Lines of code, in a fence that is longer than any in them. */
function fenced(text: string): readonly string[] {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return [`${fence}sh`, ...visible(text).split('\n'), fence];
}

const longestRun = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
