import type { Claim } from '../../models/host.ts';
import type { Operation, Step } from '../../models/operation.ts';
import type { Taken, Violation } from '../engine/types.ts';

/** What an explanation needs of operations: how to describe them, and whether they claim anything. */
export type Tellers = ReadonlyMap<string, Pick<Operation, 'describe' | 'kind'>>;

/** On which machines a finding was made. */
export interface Circumstances {
  readonly profile: string;
  readonly provider: string;
  readonly host: string;
  /** The Debian release, if it is not the default. */
  readonly suite?: string | undefined;
  /** The compose files of its stacks, if they are not the profile's. */
  readonly stacks?: readonly string[] | undefined;
}

/** A finding in plain sentences, line by line: what was done, what was promised, what was seen. */
export function explain(
  operations: Tellers,
  violation: Violation,
  taken: readonly Taken[],
  where: Circumstances,
): readonly string[] {
  const done = taken.filter(each => !each.skipped);
  const sentences = done.map(each => stepWords(operations, each.step));
  const texts = [...sentences, ...violation.details, ...done.map(each => each.claim?.message ?? '')].join('\n');
  return [
    `Broken promise (${violation.invariant}): ${violation.promise}`,
    '',
    `What was done, ${beginningWords(where.host)} (${machineWords(where)}):`,
    ...(done.length === 0 ? ['  nothing but the first rebuild, of what the profile itself declares'] : []),
    ...done.map((each, index) => `  ${index + 1}. ${sentences[index]}${said(operations, each)}`),
    'What was seen then:',
    ...violation.details.map(detail => `  - ${detail}`),
    ...listed('Other promises broken at the same moment', violation.also),
    ...listed('Paths', mentioned(texts, /(?:~|%t|\/etc|\/run|\/nix|\/var)\/[^\s'"`,;:()]+[^\s'"`,;:().]/g)),
    ...listed('Images', mentioned(texts, /\b[\w.-]+(?::\d+)?\/[\w./-]+:\w(?:[\w.-]*\w)?/g)),
  ];
}

/** From what the steps begin: machines of the lab and simulated ones are thrown away, one of one's own stays. */
export const beginningWords = (host: string): string =>
  host === 'lab' || host === 'simulator' ? 'on a fresh machine' : 'on a machine that was put back before';

/** What was under test, in words. */
export const machineWords = ({ host, profile, provider, suite, stacks = [] }: Circumstances): string =>
  [
    ...[host, ...(suite === undefined ? [] : [suite]), `profile ${profile}`, provider],
    ...(stacks.length === 0 ? [] : [`stacks of ${stacks.join(' and ')}`]),
  ].join(', ');

/** What was done in one step, as its operation describes it. */
export function stepWords(operations: Tellers, step: Step): string {
  const operation = operations.get(step.operation);
  return operation === undefined ? `${step.operation} ${JSON.stringify(step.args)}` : operation.describe(step.args);
}

/** What was done in one step and how it ended, for `--verbose`. */
export function doneWords(operations: Tellers, taken: Taken): string {
  const what = stepWords(operations, taken.step);
  return taken.skipped ? `${what}: left out, it was no longer possible` : `${what}${said(operations, taken)}`;
}

/** What a command claimed; drift claims nothing, unless it failed. */
function said(operations: Tellers, { step, claim, mayFail }: Taken): string {
  if (claim === undefined) return '';
  if (claim.ok) return operations.get(step.operation)?.kind === 'command' ? ': it said that it succeeded' : '';
  const reason = reasonOf(claim);
  const unit = claim.cause === undefined ? '' : ` of ${claim.cause.unit}`;
  const words = reason === '' ? '' : `, with "${reason}"${unit}`;
  const excuse = mayFail.length === 0 ? '' : ` (as it may, because ${mayFail.join(', and because ')})`;
  return `: it failed with status ${claim.status}${words}${excuse}`;
}

/** The reason that a failure gave: its last line, or what the innermost failed unit printed. */
export const reasonOf = ({ message, cause }: Claim): string => lastLine(cause === undefined ? message : cause.says);

const longestQuote = 160;

function lastLine(message: string): string {
  const line = message.trim().split('\n').at(-1)?.trim() ?? '';
  return line.length <= longestQuote ? line : `${line.slice(0, longestQuote - 1)}…`;
}

const listed = (title: string, values: readonly string[]): readonly string[] =>
  values.length === 0 ? [] : [`${title}: ${values.join(', ')}`];

const mentioned = (text: string, pattern: RegExp): readonly string[] => [...new Set(text.match(pattern) ?? [])].sort();
