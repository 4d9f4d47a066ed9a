import { type Audit, type AuditFinding, type AuditKind, auditKinds } from '../../../audit/finding.ts';
import { count } from '../../../reports/progress.ts';
import type { Line } from '../../../reports/terminal.ts';
import { exit, type Status } from '../../exit.ts';

/** An audit that came to its end, or why it did not. */
export interface Audited {
  readonly host: string;
  /** Null where nothing can be said. */
  readonly audit: Audit | null;
  /** Why; empty where something can be said. */
  readonly why: string;
  readonly seconds: number;
}

/** How an audit can be told. */
export const auditFormats = ['text', 'json', 'nagios', 'prometheus'] as const;
export type AuditFormat = (typeof auditFormats)[number];

/** Held where nothing was found; inconclusive where nothing can be said, or there is nothing to say anything of. */
export function auditStatus({ audit }: Audited): Status {
  if (audit === null) return exit.inconclusive;
  if (audit.findings.length > 0) return exit.violated;
  return audit.units.length === 0 ? exit.inconclusive : exit.held;
}

/** What it comes to, in one line. */
function summary({ host, audit, why }: Audited): string {
  if (audit === null) return `${host}: nothing can be said: ${why.split('\n')[0]}`;
  const { units, findings, operator } = audit;
  if (units.length === 0 && findings.length === 0) return `${host}: no unit of ${operator} runs containers`;
  const some = findings.length === 0 ? 'nothing to find fault with' : count(findings.length, 'finding');
  return `${host}: ${count(units.length, 'stack unit')}, ${some}`;
}

/** For people: what was found, by unit, and each unit that nothing was found of in a line. */
export function auditText(audited: Audited): readonly Line[] {
  const { audit } = audited;
  if (audit === null) return [{ text: summary(audited), tone: 'warning' }, ...audited.why.split('\n').slice(1)];
  const lines: Line[] = [];
  for (const { name, owner, project, activeState, containers, fragmentPath } of audit.units) {
    const own = audit.findings.filter(({ unit }) => unit === name);
    const by = owner === 'hand' || owner === 'generator' ? `by ${owner === 'hand' ? 'hand' : 'a generator'}` : owner;
    const said = [
      `${activeState === '' ? 'unknown to the manager' : activeState}, ${by}`,
      ...(fragmentPath === '' ? [] : [fragmentPath]),
      ...(project === null ? [] : [`project ${project}`]),
      count(containers.length, 'container'),
    ].join(', ');
    lines.push(`${name}: ${own.length === 0 ? 'ok' : count(own.length, 'finding')} (${said})`);
    for (const each of own) lines.push(lineOf(each));
  }
  const others = audit.findings.filter(({ unit }) => !audit.units.some(({ name }) => name === unit));
  if (others.length > 0) lines.push('Of no unit:');
  for (const each of others) lines.push(lineOf(each));
  return [...lines, `${summary(audited)}.`];
}

const lineOf = ({ kind, severity, subject, says }: AuditFinding): Line => ({
  text: `  ${kind}: ${subject} ${says}`,
  tone: severity === 'critical' ? 'bad' : 'warning',
});

/** For programs. */
export function auditJson(audited: Audited): string {
  const { host, audit, why, seconds } = audited;
  const status = auditStatus(audited);
  const said = { format: 1, command: 'audit', host, status, seconds, ...(audit === null ? { why } : audit) };
  return `${JSON.stringify(said, null, 2)}\n`;
}

/** Exit statuses of a plugin (Monitoring Plugins Development Guidelines, "Plugin Return Codes"). */
const nagios = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;

/** The status that a monitoring system reads. */
export function nagiosStatus(audited: Audited): 0 | 1 | 2 | 3 {
  const { audit } = audited;
  if (audit === null || auditStatus(audited) === exit.inconclusive) return nagios.unknown;
  if (audit.findings.some(({ severity }) => severity === 'critical')) return nagios.critical;
  return audit.findings.length > 0 ? nagios.warning : nagios.ok;
}

const nagiosWords = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** One line with performance data, and a line for each finding below it. A bar would end the words. */
export function auditNagios(audited: Audited): string {
  const { audit, seconds } = audited;
  const clean = (text: string): string => text.replaceAll('|', '/').replaceAll('\n', ' ');
  const counts = auditKinds.map(kind => `${kind}=${of(audit, kind).length};0`);
  const data = [...counts, `units=${audit?.units.length ?? 0}`, `time=${seconds.toFixed(2)}s`].join(' ');
  const worst = audit?.findings.find(({ severity }) => severity === 'critical') ?? audit?.findings[0];
  const first = worst === undefined ? '' : `; ${worst.subject} ${worst.says}`;
  return [
    `STACKS ${nagiosWords[nagiosStatus(audited)]} - ${clean(summary(audited) + first)} | ${data}`,
    ...(audit?.findings ?? []).map(({ kind, subject, says }) => clean(`${kind}: ${subject} ${says}`)),
    '',
  ].join('\n');
}

const of = (audit: Audit | null, kind: AuditKind): readonly AuditFinding[] =>
  (audit?.findings ?? []).filter(each => each.kind === kind);

/** For node_exporter's textfile collector. */
export function auditPrometheus(audited: Audited): string {
  const { host, audit, seconds } = audited;
  const lines: string[] = [];
  const metric = (
    name: string,
    help: string,
    samples: readonly (readonly [Readonly<Record<string, string>>, number])[],
  ) => {
    lines.push(`# HELP stackfuzz_audit_${name} ${help}`, `# TYPE stackfuzz_audit_${name} gauge`);
    for (const [labels, value] of samples) {
      const words = Object.entries({ host, ...labels }).map(([key, text]) => `${key}="${escaped(text)}"`);
      lines.push(`stackfuzz_audit_${name}{${words.join(',')}} ${value}`);
    }
  };
  metric('success', 'Whether the audit could say anything.', [
    [{}, auditStatus(audited) === exit.inconclusive ? 0 : 1],
  ]);
  metric('duration_seconds', 'How long the audit took.', [[{}, seconds]]);
  if (audit !== null) {
    metric('timestamp_seconds', "When it was made, by the host's clock.", [[{}, audit.clock]]);
    metric('units', 'Units that run containers.', [[{}, audit.units.length]]);
    metric(
      'findings',
      'What is not as it should be, by kind.',
      auditKinds.map(kind => [{ kind }, of(audit, kind).length] as const),
    );
    const samples = new Map(
      audit.findings.map(({ kind, severity, unit, subject }) => {
        const labels = { kind, severity, unit: unit ?? '', subject };
        return [JSON.stringify(labels), labels] as const;
      }),
    );
    metric(
      'finding',
      'One for each thing that is not as it should be.',
      [...samples.values()].map(labels => [labels, 1]),
    );
    metric(
      'unit_findings',
      'Findings of each unit.',
      audit.units.map(({ name, owner }) => [
        { unit: name, owner },
        audit.findings.filter(({ unit }) => unit === name).length,
      ]),
    );
  }
  return `${lines.join('\n')}\n`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
