import { type Command, Option } from 'commander';
import { Sick } from '../../../models/host.ts';
import { audit } from '../../audit/audit.ts';
import { type ExpectedOwner, expectedOwners } from '../../audit/checks/expected-owner.ts';
import { Problem } from '../../problem.ts';
import { fileMustBeWritable, writtenOrTold } from '../../reports/write.ts';
import type { Context } from '../context.ts';
import { examples } from '../help.ts';
import { reach } from '../reach.ts';
import {
  type Audited,
  type AuditFormat,
  auditFormats,
  auditJson,
  auditNagios,
  auditPrometheus,
  auditStatus,
  auditText,
  nagiosStatus,
} from './audit/formats.ts';

interface AuditOptions {
  readonly host: string;
  readonly hosts?: string;
  readonly format?: AuditFormat;
  readonly json?: true | string;
  readonly nagios?: boolean;
  readonly prometheus?: boolean;
  readonly out?: string;
  readonly deep?: boolean;
  readonly owner?: ExpectedOwner;
}

/** `stackfuzz audit`: look at a host's stack units, and change nothing. */
export function addAudit(program: Command, context: Context): void {
  program
    .command('audit')
    .description('check every stack unit of a host, and report what is wrong; changes nothing')
    .requiredOption('--host <name>', 'the host: one of stackfuzz.yaml, or a machine from `lab list`')
    .option('--hosts <file>', 'the file with the hosts (default: stackfuzz.yaml)')
    .addOption(new Option('--format <format>', 'output format (default: text)').choices(auditFormats))
    .option('--json [file]', 'the same as --format json, or also write it to a file')
    .option('--nagios', 'the same as --format nagios: one line, and the exit status of a plugin')
    .option('--prometheus', "the same as --format prometheus: for node_exporter's textfile collector")
    .addOption(
      new Option('--owner <owner>', 'the owner that every unit must have, before or after a migration').choices(
        expectedOwners,
      ),
    )
    .option('--deep', 'have docker compose hash every project as it is now, which sees any change; it takes longer')
    .option('--out <file>', 'write the output to this file, replaced all at once, instead of the terminal')
    .addHelpText(
      'after',
      `${examples(
        ['audit --host lab', 'a machine that `stackfuzz lab up` booted'],
        ['audit --host igpu', 'a host of stackfuzz.yaml, over ssh'],
        ['audit --host lab --json', 'for programs'],
        ['audit --host lab --prometheus --out stacks.prom', 'for node_exporter'],
      )}\n\nExit status: 0 nothing found, 1 findings, 2 no verdict, 3 usage or configuration.\nWith --nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.`,
    )
    .action(async (given: AuditOptions) => auditing(given, context));
}

async function auditing(given: AuditOptions, context: Context): Promise<void> {
  const format = formatOf(given);
  const file = typeof given.json === 'string' ? given.json : undefined;
  for (const [flag, path] of [['--out', given.out] as const, ['--json', file] as const])
    if (path !== undefined) await fileMustBeWritable(flag, path);
  const audited = await looked(given);
  if (file !== undefined) await writtenOrTold(file, auditJson(audited), 'report', context.warn);
  const text = format === 'text' ? null : texts[format](audited);
  if (given.out !== undefined) {
    const lines = auditText(audited).map(line => (typeof line === 'string' ? line : line.text));
    await writtenOrTold(given.out, text ?? `${lines.join('\n')}\n`, 'audit', context.warn);
  } else if (text === null) {
    for (const line of auditText(audited))
      if (typeof line === 'string') context.out(line);
      else context.out(line.text, line.tone);
  } else context.out(text.trimEnd());
  context.end(format === 'nagios' ? nagiosStatus(audited) : auditStatus(audited));
}

const texts = { json: auditJson, nagios: auditNagios, prometheus: auditPrometheus } as const;

/** @throws Problem where several are asked for. */
function formatOf({ format, json, nagios, prometheus }: AuditOptions): AuditFormat {
  const asked = new Set<AuditFormat>([
    ...(format === undefined ? [] : [format]),
    ...(json === true ? (['json'] as const) : []),
    ...(nagios ? (['nagios'] as const) : []),
    ...(prometheus ? (['prometheus'] as const) : []),
  ]);
  if (asked.size < 2) return [...asked][0] ?? 'text';
  throw new Problem({
    expected: 'one format',
    found: [...asked].join(' and '),
    where: 'audit',
    next: `Take one of them: --format ${[...asked][0]}`,
  });
}

/** Asks the host; what it does not say is no crash. @throws Problem where there is no such host. */
async function looked({ host, hosts, owner, deep }: AuditOptions): Promise<Audited> {
  const begun = performance.now();
  const done = (found: Pick<Audited, 'audit' | 'why'>): Audited => ({
    host,
    ...found,
    seconds: Math.round(performance.now() - begun) / 1000,
  });
  try {
    const { channel, operator } = await reach(host, hosts);
    try {
      return done({
        audit: await audit(channel, operator, { ...(owner !== undefined && { owner }), deep: deep === true }),
        why: '',
      });
    } finally {
      await channel.close();
    }
  } catch (error) {
    if (!(error instanceof Sick)) throw error;
    return done({ audit: null, why: error.message });
  }
}
