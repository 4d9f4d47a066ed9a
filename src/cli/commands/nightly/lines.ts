import type {
  Changes,
  FindingOverNights,
  ListedNight,
  NightRecord,
  Outcomes,
  TestedOnHost,
} from '../../../history/history.ts';
import { count } from '../../../reports/progress.ts';
import type { Line } from '../../../reports/terminal.ts';
import { exit, verdictWord } from '../../exit.ts';
import { shownDuration } from '../../values.ts';

/** The day and the minute, in the time of this computer. */
function when(time: number): string {
  const date = new Date(time);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Exit status in a word. */
const statusWord = (status: number): string =>
  status === exit.usage ? 'not begun' : status === exit.crashed ? 'crashed' : verdictWord(status as 0 | 1 | 2);

/** A history, for people: what is open, what is gone, and the last nights. */
export function historyLines(history: {
  readonly findings: readonly FindingOverNights[];
  readonly nights: readonly ListedNight[];
  readonly coverage: Readonly<Record<string, Outcomes>>;
}): readonly Line[] {
  const open = history.findings.filter(({ state }) => state !== 'gone');
  const gone = history.findings.filter(({ state }) => state === 'gone');
  const nameOf = naming([...history.findings, ...history.nights]);
  const lines: Line[] = [];
  for (const { state, signature, first, nights, entry, waiver, ...subject } of open)
    lines.push({
      text: `${nameOf(subject)}: ${state}: ${signature}\n    since ${when(first)}, in ${count(nights, 'night')}, ${entry}${waiver === null ? '' : `, ${waiver}`}`,
      tone: state === 'new' ? 'bad' : 'warning',
    });
  for (const { signature, last, nights, ...subject } of gone)
    lines.push({
      text: `${nameOf(subject)}: gone: ${signature}\n    last seen ${when(last)}, in ${count(nights, 'night')}`,
      tone: 'good',
    });
  if (lines.length > 0) lines.push('');
  for (const each of history.nights) lines.push(nightLine(each, nameOf(each)));
  const all = Object.entries(history.coverage);
  const isTried = ({ succeeded, failed }: Outcomes): boolean => succeeded + failed > 0;
  const untried = all.filter(([, went]) => !isTried(went));
  const never = all.filter(([, went]) => isTried(went) && went.succeeded === 0);
  if (untried.length > 0)
    lines.push(`Never tried in these nights: ${untried.length} of ${all.length} (--json lists them).`);
  if (never.length > 0) lines.push(`Tried, and never succeeded: ${never.map(([operation]) => operation).join(', ')}.`);
  return [
    ...lines,
    `${count(open.length, 'open finding')}, ${gone.length} gone, ${count(history.nights.length, 'night')} listed.`,
  ];
}

/** Names of what nights are of: the host's, with what was tested there where that is not one and the same. */
function naming(all: readonly TestedOnHost[]): (one: TestedOnHost) => string {
  const tested = ({ profile, provider }: TestedOnHost): string => `${profile}, ${provider}`;
  const on = new Map<string, Set<string>>();
  for (const each of all) on.set(each.host, (on.get(each.host) ?? new Set()).add(tested(each)));
  return one => ((on.get(one.host)?.size ?? 0) > 1 ? `${one.host} (${tested(one)})` : one.host);
}

const nightLine = (
  { began, status, seconds, findings, fresh, gone, operations, isWhole }: ListedNight,
  name: string,
): string =>
  [
    `${when(began)}  ${name}: ${statusWord(status)}`,
    `${count(findings, 'finding')} (${fresh} new, ${gone} gone)`,
    `${count(operations, 'operation')} in ${shownDuration(Math.round(seconds))}${isWhole ? '' : ', not all that is known was asked for'}`,
  ].join(', ');

/** Whether somebody should hear of a night: what is new or back, what is gone, and another ending than the night before. */
export const isNews = (
  { fresh, known, gone, statusBefore }: Changes,
  { status }: Pick<NightRecord, 'status'>,
): boolean =>
  fresh.length + known.length + gone.length > 0 ||
  (statusBefore === null ? status !== exit.held : statusBefore !== status);

/** A night, for people: the last words of `nightly`, and what a notification says. */
export function nightLines(night: NightRecord, changes: Changes, failures: readonly string[] = []): readonly Line[] {
  const { host, status } = night;
  const { fresh, known, still, gone, statusBefore } = changes;
  const before =
    statusBefore === null || statusBefore === status ? '' : `, ${statusWord(statusBefore)} the night before`;
  const found = (title: string, all: Changes['gone'], tone: 'bad' | 'warning' | 'good'): readonly Line[] =>
    all.map(({ invariant, promise, entry }) => ({ text: `${title}: ${invariant}: ${promise}\n    ${entry}`, tone }));
  const why = failures.map(text => text.replace(/^/gm, '    '));
  if (status === exit.usage && night.stages.every(({ operations }) => operations === 0))
    return [{ text: `${host}: ${statusWord(status)}${before}.`, tone: 'bad' }, ...why];
  return [
    `${host}: ${statusWord(status)}${before}: ${fresh.length} new, ${known.length + still.length} known, ${gone.length} gone${night.isWhole ? '' : '; not all that is known was asked for'}.`,
    ...why,
    ...found('New', fresh, 'bad'),
    ...found(statusBefore === null ? 'Known' : 'Known, and not seen in the night before', known, 'bad'),
    ...found('Gone', gone, 'good'),
    ...found('Still there', still, 'warning'),
  ];
}
