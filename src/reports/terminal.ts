import { styleText } from 'node:util';

/** What a line is, where a terminal may show it: good and bad news, what asks for attention, what stands back, a title. */
export type Tone = 'good' | 'bad' | 'warning' | 'faint' | 'title' | 'command';

/** A line, or several, of one tone. A command to be copied is never broken. */
export type Line = string | { readonly text: string; readonly tone: Tone };

/** Where lines go. */
export interface Stream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

type Style = Parameters<typeof styleText>[0];

const styles: Readonly<Record<Tone, Style>> = {
  good: ['bold', 'green'],
  bad: ['bold', 'red'],
  warning: 'yellow',
  faint: 'dim',
  title: 'bold',
  command: 'cyan',
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether to colour what goes there: NO_COLOR says no (no-color.org), FORCE_COLOR yes, and else a terminal that can. */
export function isColoured({ isTTY = false }: Stream, env: Environment = process.env): boolean {
  const { NO_COLOR = '', FORCE_COLOR, TERM } = env;
  if (NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTTY && TERM !== 'dumb';
}

/** A text as it is to be shown there: broken between words on a terminal, and coloured by its tone. */
export function forTerminal(
  text: string,
  tone: Tone | undefined,
  stream: Stream,
  env: Environment = process.env,
): string {
  const isBroken = stream.isTTY === true && tone !== 'command';
  const broken = isBroken ? wrapped(text, stream.columns ?? 80) : text;
  if (tone === undefined || !isColoured(stream, env)) return broken;
  return broken.replace(/[^\n]+/g, line => styleText(styles[tone], line, { validateStream: false }));
}

/** Narrowest room beside an indentation that is worth breaking lines for. */
const narrowest = 20;

/** Lines broken between words, so that none is wider; what goes on stands two columns further in. */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap(line => wrappedLine(line, width))
    .join('\n');
}

function wrappedLine(line: string, width: number): readonly string[] {
  if (line.length <= width) return [line];
  // A point of a list, or the first column of a table: what goes on stands below the words after it.
  const [indent = '', point] = /^ *(- |\d+\. |\S+ {2,})?/.exec(line) ?? [];
  const further = ' '.repeat(point === undefined ? indent.length + 2 : indent.length);
  if (width - further.length < narrowest) return [line];
  const lines: string[] = [];
  let now = '';
  for (const word of line.slice(indent.length).split(' ')) {
    const start = lines.length === 0 ? indent : further;
    if (now !== '' && start.length + now.length + 1 + word.length > width) {
      lines.push(start + now);
      now = word;
    } else now = now === '' ? word : `${now} ${word}`;
  }
  lines.push((lines.length === 0 ? indent : further) + now);
  return lines;
}
