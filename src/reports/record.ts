import type { Scenario } from '../../models/scenario.ts';
import type { Run } from '../engine/types.ts';
import { type Circumstances, machineWords, stepWords, type Tellers } from './explain.ts';

/** How a case of a scenario ended: `blocked` if there is no verdict, `waived` if it failed and somebody accepted that. */
export type Ending = 'passed' | 'failed' | 'blocked' | 'waived';

/** One case and its result. */
export interface CaseRecord {
  readonly name: string;
  readonly ending: Ending;
  /** What was seen, or why there is no verdict. */
  readonly reasons: readonly string[];
  readonly run: Run<unknown, unknown>;
}

/**
 * The result of a run, as a case of a scenario.
 * @param waiver who accepted what it broke, until when and why; null if nobody did
 */
export function caseRecord(name: string, run: Run<unknown, unknown>, waiver: string | null = null): CaseRecord {
  const { verdict, taken } = run;
  if (verdict.kind === 'inconclusive') return { name, run, ending: 'blocked', reasons: [verdict.reason] };
  if (verdict.kind === 'violated') {
    const { invariant, promise, details } = verdict.violation;
    const reasons = [`${invariant}: ${promise}`, ...details];
    return waiver === null
      ? { name, run, ending: 'failed', reasons }
      : { name, run, ending: 'waived', reasons: [waiver, ...reasons] };
  }
  const skipped = taken
    .filter(each => each.skipped)
    .map(each => `${each.step.operation} was not possible when its turn came`);
  return { name, run, ending: skipped.length > 0 ? 'blocked' : 'passed', reasons: skipped };
}

/** The ending of a scenario: the worst of its cases. */
export const endingOf = (cases: readonly CaseRecord[]): Ending =>
  (['failed', 'blocked', 'waived'] as const).find(ending => cases.some(each => each.ending === ending)) ?? 'passed';

/**
 * A scenario's record as Markdown: what was done, what each step claimed, how it ended, and the evidence.
 * @param leftOut cases that the machine cannot or must not do, each with the reason
 */
export function recordOf(
  name: string,
  scenario: Scenario,
  cases: readonly CaseRecord[],
  operations: Tellers,
  where: Circumstances & { readonly versions: Readonly<Record<string, string>> },
  leftOut: readonly string[] = [],
): string {
  const versions = Object.entries(where.versions).map(([program, version]) => `${program} ${version}`);
  return [
    `# ${name}: ${endingOf(cases)}`,
    '',
    scenario.about,
    '',
    `Passes when: ${scenario.passes}`,
    ...(scenario.lacks === undefined ? [] : ['', `Not tried yet: ${scenario.lacks}.`]),
    '',
    `On ${machineWords(where)}: ${versions.join(', ')}.`,
    ...(leftOut.length === 0 ? [] : ['', 'Left out:', '', ...leftOut.map(each => `- ${each}`)]),
    ...cases.flatMap(each => ['', ...sectionOf(each, operations)]),
    '',
  ].join('\n');
}

function sectionOf({ name, ending, reasons, run }: CaseRecord, operations: Tellers): readonly string[] {
  const steps = run.taken.map(({ step, skipped, claim, mayFail }, index) => {
    const said = skipped ? 'not possible any more' : claim?.ok ? 'ok' : `status ${claim?.status ?? '(none)'}`;
    const because = mayFail.length > 0 && claim?.ok === false ? ` (as it may: ${mayFail.join('; ')})` : '';
    return `${index + 1}. ${stepWords(operations, step)}: ${said}${because}`;
  });
  return [
    `## ${name}: ${ending}`,
    '',
    ...steps,
    ...reasons.map(reason => `- ${reason}`),
    ...folded('Before the first step', run.before),
    ...folded('What was done and seen, and the machine at the end', run.evidence),
  ];
}

/** The machine's output, folded until a reader opens it. */
const folded = (title: string, text: string | undefined): readonly string[] =>
  text === undefined ? [] : ['', `<details><summary>${title}</summary>`, '', fenced(text), '', '</details>'];

/** Text in a fence that is longer than any in it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text.trimEnd()}\n${fence}`;
}
