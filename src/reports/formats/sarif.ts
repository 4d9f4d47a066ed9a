import { createHash } from 'node:crypto';
import type { Invocation, Location, Log, ReportingDescriptor, Result } from 'sarif';
import { headlineOf, standingOf, standingWords, stepSentences } from '../facts.ts';
import type { Report, ReportedFinding } from '../report.ts';

/** A report as SARIF 2.1.0, as code scanning reads it: a promise is a rule, a finding is a result in its file of the corpus. */
export function sarif(report: Report): string {
  const rules = rulesOf(report);
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'stackfuzz',
            ...(report.stackfuzz !== undefined && { semanticVersion: report.stackfuzz }),
            rules,
          },
        },
        automationDetails: { id: `stackfuzz/${[report.command, report.host, report.profile].join('/')}` },
        invocations: [invocationOf(report)],
        results: report.findings.map(finding => resultOf(finding, rules)),
        columnKind: 'utf16CodeUnits',
        properties: {
          verdict: report.verdict,
          headline: headlineOf(report),
          ...(report.versions !== undefined && { versions: report.versions }),
        },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** Each promise that was checked, sorted by name; a result also names its rule by the position in this list. */
function rulesOf({ promises = {}, findings }: Report): ReportingDescriptor[] {
  const all = { ...promises, ...Object.fromEntries(findings.map(({ invariant, promise }) => [invariant, promise])) };
  return Object.keys(all)
    .sort()
    .map(id => ({ id, name: pascal(id), shortDescription: { text: all[id] || id } }));
}

const pascal = (id: string): string =>
  id.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, first) => first.toUpperCase());

function invocationOf(report: Report): Invocation {
  const { began, seconds, status } = report;
  const troubles = [
    ...(report.inconclusive ?? []).map(one => ('reason' in one ? one.reason : one.signature)),
    ...(report.crashes ?? []).map(({ message }) => message),
    ...(report.problems ?? []),
  ];
  return {
    // A violation is a result of the search, not a failure of the program.
    executionSuccessful: status === 0 || status === 1,
    exitCode: status,
    ...(began !== undefined && {
      startTimeUtc: began,
      endTimeUtc: new Date(Date.parse(began) + seconds * 1000).toISOString(),
    }),
    ...(troubles.length > 0 && {
      toolExecutionNotifications: troubles.map(text => ({ level: 'error', message: { text: text || 'unknown' } })),
    }),
  };
}

function resultOf(finding: ReportedFinding, rules: readonly ReportingDescriptor[]): Result {
  const { invariant, promise, signature, details, waiver, story } = finding;
  const standing = standingOf(finding);
  const steps = stepSentences(finding);
  const seen = details.map(detail => `- ${detail}`);
  const done = steps.map((step, index) => `${index + 1}. ${step}`);
  const location = locationOf(finding);
  return {
    ruleId: invariant,
    ruleIndex: rules.findIndex(({ id }) => id === invariant),
    level: standing === 'race' ? 'warning' : 'error',
    message: {
      text: [`${details[0] ?? promise}`, '', 'What was done:', ...done, 'What was seen then:', ...seen].join('\n'),
    },
    locations: [location],
    partialFingerprints: { 'signature/v1': createHash('sha256').update(signature).digest('hex') },
    baselineState: finding.known === true ? 'unchanged' : 'new',
    ...(waiver !== undefined && {
      suppressions: [{ kind: 'external', status: 'accepted', justification: waiver }],
    }),
    ...(steps.length > 0 && {
      codeFlows: [
        {
          threadFlows: [
            {
              locations: steps.map((text, index) => ({
                executionOrder: index + 1,
                location: { ...location, message: { text } },
                ...(index === story?.parted?.after && { importance: 'essential' as const }),
              })),
            },
          ],
        },
      ],
    }),
    properties: { signature, standing: standingWords(finding) },
  };
}

/** The file of the corpus that has a finding; if there is none, the name of its promise. */
function locationOf({ entry, invariant }: ReportedFinding): Location {
  const logical = [{ name: invariant, kind: 'promise' }];
  if (entry == null || !/\.json$/.test(entry)) return { logicalLocations: logical };
  const isAbsolute = entry.startsWith('/');
  const uri = `${isAbsolute ? 'file://' : ''}${entry.split('/').map(encodeURIComponent).join('/')}`;
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } }, logicalLocations: logical };
}
