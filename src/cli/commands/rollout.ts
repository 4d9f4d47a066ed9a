import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type ExpectedOwner, expectedOwners } from '../../audit/checks/expected-owner.ts';
import type { AuditFinding } from '../../audit/finding.ts';
import { Problem } from '../../problem.ts';
import { readReport } from '../../reports/read.ts';
import { mustBeReportable, writtenOrTold } from '../../reports/write.ts';
import type { Context, Main } from '../context.ts';
import { exit, type Status, toneOf, worst } from '../exit.ts';
import { examples } from '../help.ts';
import { leftOutOf, rolloutOf } from '../hosts-file.ts';
import { interruptible } from '../interrupt.ts';
import { ownOf } from '../options.ts';
import { limitedOn, limitedWords, mustBeDoable, type ScenarioLimits } from './rollout/possible.ts';

/** What is done on each host of a rollout, in this order (plan, W4). */
const targeted = ['S01', 'S02', 'S03', 'S05', 'S08', 'S11', 'S12'] as const;

interface RolloutOptions {
  readonly hosts?: string;
  readonly profile?: string;
  readonly provider?: string;
  readonly owner?: ExpectedOwner;
  readonly scenarios: string;
  readonly leaveOut?: string;
  readonly record?: string;
}

/** `stackfuzz rollout`: what the plan asks for before a host counts as migrated, host after host. */
export function addRollout(program: Command, context: Context, typed: Main): void {
  program
    .command('rollout')
    .description(
      'host after host: audit, the scenarios of the plan, audit again; ends at the first failure, and writes one record',
    )
    .argument('<name>', 'a rollout of stackfuzz.yaml, or one host')
    .option('--hosts <file>', 'the file with the hosts (default: stackfuzz.yaml)')
    .option('--profile <name|dir>', 'the way of running stacks that is tested')
    .option('--provider <name>', 'compose provider')
    .addOption(
      new Option('--owner <owner>', "who is to own every stack unit (default: the host's own)").choices(expectedOwners),
    )
    .option('--scenarios <names>', 'which scenarios, separated by commas', targeted.join(','))
    .option('--leave-out <names>', 'scenarios that are left out on purpose, on every host; the record says so')
    .option('--record <file>', 'the record, in Markdown (default: records/rollout-NAME.md)')
    .addHelpText(
      'after',
      examples(
        ['rollout phase-2.5', 'every host of that rollout, in its order'],
        ['rollout igpu', 'one host'],
        ['rollout igpu --leave-out S11', 'without a scenario that this host must not do'],
        ['rollout lab --scenarios S03', 'what a record looks like, on throw-away machines'],
      ),
    )
    .action(async (name: string, given: RolloutOptions) => context.end(await rollout(name, given, typed, context)));
}

/** One thing that was done on a host. */
interface Part {
  readonly title: string;
  /** What can be typed to do it again. */
  readonly line: string;
  readonly status: Status;
  /** What was seen, one sentence each. */
  readonly says: readonly string[];
  /** A record of its own, in Markdown. */
  readonly record?: string;
}

interface OnHost {
  readonly host: string;
  readonly status: Status;
  readonly parts: readonly Part[];
  /** Titles of what comes after the first part that did not pass. */
  readonly left: readonly string[];
}

async function rollout(name: string, given: RolloutOptions, typed: Main, context: Context): Promise<Status> {
  const names = areThrownAway(name) ? [name] : rolloutOf(name, given.hosts);
  const record = given.record ?? join('records', `rollout-${name}.md`);
  await mustBeReportable({ report: [record.endsWith('.md') ? record : `${record}.md`] }, '--record');
  // Every host is asked before anything is done to any: a rollout that must end at the last of them does not begin.
  const plans: Planned[] = [];
  for (const host of names) plans.push(await planFor(host, given));
  for (const { host, limited } of plans) for (const each of limited) context.warn(`On ${host}: ${limitedWords(each)}.`);
  const interrupt = interruptible(() => {}); // the command that runs says what Ctrl-C does
  const folder = await mkdtemp(join(tmpdir(), 'stackfuzz-rollout-'));
  const began = new Date();
  const all: OnHost[] = [];
  try {
    for (const plan of plans) {
      context.note(`Rollout ${name}: ${plan.host}.`);
      const one = await onHost(plan, { given, folder, typed, signal: interrupt.signal, context });
      all.push(one);
      if (one.status !== exit.held) break;
    }
  } finally {
    interrupt.dispose();
    await rm(folder, { recursive: true, force: true });
  }
  const left = names.slice(all.length);
  const status = worst([...all.map(each => each.status), ...(interrupt.signal.aborted ? [exit.inconclusive] : [])]);
  const text = recordOf({ name, began, plans, all, left, status, isStopped: interrupt.signal.aborted });
  if (await writtenOrTold(record, text, 'record', context.warn)) context.note(`Record: ${record}`);
  for (const { host, parts, left: notBegun, status } of all) {
    const done = parts.filter(part => part.status === exit.held).length;
    context.out(`${host}: ${done} of ${parts.length + notBegun.length} passed`, toneOf[status]);
    for (const { title, status, says } of parts.filter(part => part.status !== exit.held))
      context.out(`  ${title} ${word(status)}${says[0] === undefined ? '' : `: ${says[0]}`}`, toneOf[status]);
    if (notBegun.length > 0) context.out(`  Not begun: ${notBegun.join(', ')}.`, 'warning');
  }
  if (left.length > 0) context.out(`Not begun: ${left.join(', ')}.`, 'warning');
  context.out(
    status === exit.held
      ? `Rollout ${name}: every host passed${without(plans)}.`
      : `Rollout ${name}: ${interrupt.signal.aborted ? 'it was stopped' : 'it ended'} at ${all.at(-1)?.host}.`,
    toneOf[status],
  );
  return status;
}

/** What is to be done on a host. */
interface Planned {
  readonly host: string;
  readonly scenarios: readonly string[];
  /** Scenarios that are left out on purpose, and who says so. */
  readonly leftOut: readonly { readonly scenario: string; readonly by: string }[];
  /** Scenarios of which some cases cannot be done there. */
  readonly limited: readonly ScenarioLimits[];
}

/** @throws Problem where the host must not be changed, or nothing of a scenario can be done there and nobody said so on purpose */
async function planFor(host: string, given: RolloutOptions): Promise<Planned> {
  const listed = (names: string | undefined): readonly string[] => (names ?? '').split(',').filter(each => each !== '');
  const wanted = listed(given.scenarios);
  const shared = {
    host,
    ...(given.hosts !== undefined && { hosts: given.hosts }),
    ...(given.profile !== undefined && { profile: given.profile }),
    ...(given.provider !== undefined && { provider: given.provider }),
  };
  const own = ownOf(shared);
  const inFile = own === undefined ? null : leftOutOf(host, given.hosts);
  const flag = listed(given.leaveOut).map(scenario => ({ scenario, by: '--leave-out' }));
  const file = (inFile?.scenarios ?? []).map(scenario => ({ scenario, by: `rollout.leaveOut, ${inFile?.where}` }));
  const strange = [...flag, ...file].find(({ scenario }) => !wanted.includes(scenario));
  if (strange !== undefined && (strange.by === '--leave-out' || given.scenarios === targeted.join(',')))
    throw new Problem({
      expected: `to leave out a scenario of the rollout: ${wanted.join(', ')}`,
      found: strange.scenario,
      where: strange.by === '--leave-out' ? strange.by : (inFile?.where ?? host),
      next: 'stackfuzz list scenarios',
    });
  const leftOut = [...flag, ...file].filter(
    ({ scenario }, at, all) => wanted.includes(scenario) && all.findIndex(each => each.scenario === scenario) === at,
  );
  const scenarios = wanted.filter(each => !leftOut.some(({ scenario }) => scenario === each));
  if (scenarios.length === 0)
    throw new Problem({
      expected: `at least one scenario that is done on ${host}`,
      found: 'none',
      where: own?.where ?? host,
      next: 'Name them: --scenarios S03,S05  Or leave fewer out.',
    });
  const limited = await limitedOn(shared, scenarios);
  mustBeDoable(host, own === undefined ? host : `${own.where}, host ${host}`, limited);
  return { host, scenarios, leftOut, limited };
}

/** What was left out on purpose, in words; empty where nothing was. */
function without(plans: readonly Pick<Planned, 'host' | 'leftOut'>[]): string {
  const all = plans.filter(({ leftOut }) => leftOut.length > 0);
  if (all.length === 0) return '';
  return `, without ${all.map(({ host, leftOut }) => `${leftOut.map(({ scenario }) => scenario).join(', ')} on ${host}`).join(' and ')}`;
}

/** Whether each machine of this kind is a new one: there is nothing on it to audit. */
const areThrownAway = (host: string): boolean => host === 'lab' || host === 'simulator';

interface Doing {
  readonly given: RolloutOptions;
  readonly folder: string;
  readonly typed: Main;
  readonly signal: AbortSignal;
  readonly context: Context;
}

/** The audit, each scenario, and the audit again. What comes after the first that does not pass is not begun. */
async function onHost({ host, scenarios }: Planned, { given, folder, typed, signal, context }: Doing): Promise<OnHost> {
  const parts: Part[] = [];
  const hosts = given.hosts === undefined ? [] : ['--hosts', given.hosts];
  const isThrownAway = areThrownAway(host);
  const detail = context.detail === 'usual' ? [] : [`--${context.detail}`];
  const own = ownOf({ host, ...(given.hosts !== undefined && { hosts: given.hosts }) });
  const owner =
    given.owner ?? (own === undefined ? undefined : own.owner === '/etc/systemd/user' ? 'nixos-etc' : 'home-manager');
  const titles = isThrownAway ? scenarios : ['Audit before', ...scenarios, 'Audit after'];
  const ended = (): OnHost => ({
    host,
    parts,
    left: titles.slice(parts.length),
    status: worst(parts.map(({ status }) => status)),
  });

  /** An audit: it passes where nothing of ownership is found, and nothing that was not there before. */
  async function audited(title: string, before: readonly AuditFinding[] | null): Promise<readonly AuditFinding[]> {
    const file = join(folder, `${host}-${parts.length}.json`);
    const line = ['audit', '--host', host, ...hosts, ...(owner === undefined ? [] : ['--owner', owner])];
    const failures: string[] = [];
    const status = await typed([...line, '--json', file, ...detail], { hear: why => failures.push(why) });
    const found = existsSync(file)
      ? ((JSON.parse(await readFile(file, 'utf8')) as { findings?: readonly AuditFinding[] }).findings ?? null)
      : null;
    const key = ({ kind, subject, says }: AuditFinding): string => JSON.stringify([kind, subject, says]);
    const known = new Set((before ?? found ?? []).map(key));
    const wrong = (found ?? []).filter(each => each.kind === 'ownership' || !known.has(key(each)));
    const said = (found ?? []).map(({ kind, subject, says }) => `${kind}: ${subject} ${says}`);
    parts.push({
      title,
      line: `stackfuzz ${line.join(' ')}`,
      status:
        found === null
          ? status === exit.held
            ? exit.inconclusive
            : status
          : wrong.length > 0
            ? exit.violated
            : exit.held,
      says: [...failures, ...said],
    });
    return found ?? [];
  }

  const before = isThrownAway ? null : await audited('Audit before', null);
  for (const name of scenarios) {
    if (signal.aborted || parts.some(({ status }) => status !== exit.held)) return ended();
    parts.push(await played(name));
  }
  if (before !== null && !signal.aborted && parts.every(({ status }) => status === exit.held))
    await audited('Audit after', before);
  return ended();

  async function played(name: string): Promise<Part> {
    const out = join(folder, `${host}-${name}`);
    const file = join(folder, `${host}-${name}.json`);
    const line = [
      ...['scenario', name, '--host', host, ...hosts],
      ...(given.profile === undefined ? [] : ['--profile', given.profile]),
      ...(given.provider === undefined ? [] : ['--provider', given.provider]),
    ];
    const failures: string[] = [];
    const status = await typed([...line, '--out', out, '--json', file, ...detail], { hear: why => failures.push(why) });
    const { cases = [], notes = [] } = existsSync(file) ? await readReport(file) : {};
    const records = existsSync(out) ? readdirSync(out).sort() : [];
    const texts = await Promise.all(records.map(each => readFile(join(out, each), 'utf8')));
    return {
      title: name,
      line: `stackfuzz ${line.join(' ')}`,
      status,
      says: [
        ...failures,
        // What did not pass first: it is why the rollout ended.
        ...[...cases]
          .sort((one, other) => Number(one.ending === 'passed') - Number(other.ending === 'passed'))
          .map(
            ({ name: title, ending, reasons }) =>
              `${title}: ${ending}${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}`,
          ),
        ...notes,
      ],
      record: texts.join('\n'),
    };
  }
}

const word = (status: Status): string =>
  status === exit.held
    ? 'passed'
    : status === exit.violated
      ? 'failed'
      : status === exit.inconclusive
        ? 'blocked'
        : status === exit.crashed
          ? 'crashed'
          : 'not possible';

/** A record within another one: its headings stand two levels lower. What a machine said, in fences, stays as it is. */
function deeper(text: string): string {
  let fence = '';
  return text
    .split('\n')
    .map(line => {
      const [, ticks = ''] = /^(`{3,})/.exec(line) ?? [];
      if (ticks !== '' && (fence === '' || line === fence)) fence = fence === '' ? ticks : '';
      return fence === '' ? line.replace(/^(#+) /, '##$1 ') : line;
    })
    .join('\n');
}

interface Recorded {
  readonly name: string;
  readonly began: Date;
  readonly plans: readonly Planned[];
  readonly all: readonly OnHost[];
  /** Hosts that were not begun. */
  readonly left: readonly string[];
  readonly status: Status;
  readonly isStopped: boolean;
}

/** One record of all of it: what was typed, what was seen, how it ended. */
function recordOf({ name, began, plans, all, left, status, isStopped }: Recorded): string {
  const point = (text: string): string => `- ${text.replaceAll('\n', '\n  ')}`;
  return [
    `# Rollout ${name}: ${word(status)}${without(plans)}`,
    '',
    `Began ${began.toISOString()}. Order: ${[...all.map(({ host }) => host), ...left].join(', ')}.`,
    ...(isStopped ? ['', 'It was stopped by hand.'] : []),
    ...(left.length === 0 ? [] : ['', `Not begun, because it ended before: ${left.join(', ')}.`]),
    ...plans.flatMap(({ host, leftOut }) =>
      leftOut.flatMap(({ scenario, by }) => ['', `Left out on purpose on ${host}: ${scenario} (${by}).`]),
    ),
    ...all.flatMap(({ host, status, parts, left }) => [
      '',
      `## ${host}: ${word(status)}`,
      '',
      '| part | verdict | typed |',
      '| --- | --- | --- |',
      ...parts.map(part => `| ${part.title} | ${word(part.status)} | \`${part.line}\` |`),
      ...left.map(title => `| ${title} | not begun | |`),
      ...parts.flatMap(part => [
        '',
        `### ${host}, ${part.title}: ${word(part.status)}`,
        '',
        ...(part.says.length === 0 ? ['Nothing was found.'] : part.says.map(point)),
        ...(part.record === undefined || part.record === '' ? [] : ['', deeper(part.record)]),
      ]),
    ]),
    '',
  ].join('\n');
}
