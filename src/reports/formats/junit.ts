import { headlineOf, signatureWords, standingOf, standingWords, stepSentences } from '../facts.ts';
import { Markup, markup } from '../markup.ts';
import type { Report, ReportedFinding } from '../report.ts';

type Outcome = 'passed' | 'failure' | 'error' | 'skipped';

/** A test case in JUnit's terms. */
interface Case {
  readonly group: string;
  readonly name: string;
  readonly outcome: Outcome;
  /** Why it did not pass, in one line. */
  readonly message?: string;
  readonly type?: string;
  readonly text?: readonly string[];
  readonly seconds?: number | undefined;
  readonly file?: string | undefined;
}

/**
 * A report as JUnit XML, as CI servers read it (Jenkins' junit-10.xsd): a promise, an entry of the corpus or a case of a
 * scenario is a test. A waived finding is skipped; no verdict is an error.
 */
export function junit(report: Report): string {
  const cases = [...casesOf(report), ...troublesOf(report)];
  const number = (outcome: Outcome): number => cases.filter(each => each.outcome === outcome).length;
  const [failures, errors, skipped] = [number('failure'), number('error'), number('skipped')];
  const time = report.seconds.toFixed(3);
  const name = `stackfuzz ${report.command}`;
  const properties = Object.entries({
    verdict: report.verdict,
    headline: headlineOf(report),
    host: report.host,
    profile: report.profile,
    provider: report.provider,
    suite: report.suite,
    seed: report.seed,
    operations: report.operations,
    ...report.versions,
  }).filter(([, value]) => value !== undefined);
  const { text } = markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="stackfuzz" tests="${cases.length}" failures="${failures}" errors="${errors}" time="${time}">
  <testsuite name="${name}" tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${time}" hostname="${report.host}"${
    report.began === undefined ? null : markup` timestamp="${report.began.slice(0, 19)}"`
  }>
    <properties>
${properties.map(([key, value]) => markup`      <property name="${key}" value="${value}"/>\n`)}    </properties>
${cases.map(element)}  </testsuite>
</testsuites>
`;
  return text;
}

function element({ group, name, outcome, message = '', type = '', text = [], seconds, file }: Case): Markup {
  const time = (seconds ?? 0).toFixed(3);
  const where = file === undefined ? null : markup` file="${file}"`;
  const open = markup`    <testcase classname="${group}" name="${name}" time="${time}"${where}`;
  if (outcome === 'passed') return markup`${open}/>\n`;
  const inside =
    outcome === 'skipped'
      ? markup`<skipped message="${message}"/>`
      : markup`<${new Markup(outcome)} message="${message}" type="${type}">${text.join('\n')}</${new Markup(outcome)}>`;
  return markup`${open}>\n      ${inside}\n    </testcase>\n`;
}

function casesOf(report: Report): readonly Case[] {
  if (report.entries !== undefined) return report.entries.map(each => entryCase(report, each));
  if (report.cases !== undefined) return report.cases.map(each => scenarioCase(report, each));
  const broken = new Set(report.findings.map(({ invariant }) => invariant));
  const kept = Object.keys(report.promises ?? {}).filter(name => !broken.has(name));
  const group = groupOf(report);
  return [
    ...report.findings.map(finding => findingCase(group, finding)),
    // A search that did not begin has checked no promise.
    ...(report.operations === 0 ? [] : kept.map(name => ({ group, name, outcome: 'passed' as const }))),
  ];
}

const groupOf = ({ command, profile, provider }: Report): string =>
  ['stackfuzz', command, profile, provider].filter(each => each !== undefined).join('.');

function findingCase(group: string, finding: ReportedFinding): Case {
  const { invariant, promise, waiver, details, entry } = finding;
  const name = `${invariant}: ${signatureWords(finding)}`;
  const file = entry == null ? {} : { file: entry };
  if (waiver !== undefined) return { group, name, outcome: 'skipped', message: waiver, ...file };
  // A race does not prove a lie.
  const outcome = standingOf(finding) === 'race' ? 'error' : 'failure';
  const message = `${standingWords(finding)}: ${details[0] ?? promise}`;
  return { group, name, outcome, message, type: invariant, text: storyLines(finding), ...file };
}

/** A finding as plain lines. */
const storyLines = (finding: ReportedFinding): readonly string[] =>
  finding.explanation ?? [
    `expected: ${finding.promise}`,
    'What was done:',
    ...stepSentences(finding).map((step, index) => `  ${index + 1}. ${step}`),
    'What was seen then:',
    ...finding.details.map(detail => `  - ${detail}`),
  ];

function entryCase(report: Report, entry: NonNullable<Report['entries']>[number]): Case {
  const { path, words, status, waiver, outcome, seconds, invariant } = entry;
  const test = { group: `${groupOf(report)}.${invariant}`, name: path, seconds, file: path };
  if (outcome === 'not applicable') return { ...test, outcome: 'skipped', message: words };
  if (waiver !== undefined) return { ...test, outcome: 'skipped', message: waiver };
  if (status === 0) return { ...test, outcome: 'passed' };
  const finding = report.findings.find(each => each.entry === path);
  const text = finding === undefined ? [words] : storyLines(finding);
  return { ...test, outcome: status === 1 ? 'failure' : 'error', message: words, type: invariant, text };
}

function scenarioCase(report: Report, one: NonNullable<Report['cases']>[number]): Case {
  const { scenario, name, ending, reasons, seconds } = one;
  const test = { group: `${groupOf(report)}.${scenario}`, name, seconds };
  const [message = ending] = reasons;
  if (ending === 'passed') return { ...test, outcome: 'passed' };
  if (ending === 'waived') return { ...test, outcome: 'skipped', message };
  return { ...test, outcome: ending === 'failed' ? 'failure' : 'error', message, type: ending, text: reasons };
}

/** Faults of the search itself. */
function troublesOf(report: Report): readonly Case[] {
  const group = `${groupOf(report)}.trouble`;
  const of = (name: string, type: string, text: string): Case => ({
    group,
    name,
    outcome: 'error',
    message: text.split('\n')[0] ?? '',
    type,
    text: [text],
  });
  return [
    ...(report.inconclusive ?? []).map(one =>
      'reason' in one
        ? of(`run ${one.index}`, 'inconclusive', one.reason)
        : of(one.signature, 'inconclusive', one.signature),
    ),
    ...(report.crashes ?? []).map(({ message }, index) => of(`crash ${index + 1}`, 'crash', message)),
    ...(report.problems ?? []).map((problem, index) => of(`file ${index + 1}`, 'usage', problem)),
  ];
}
