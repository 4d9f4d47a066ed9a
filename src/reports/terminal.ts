import { styleText } from 'node:util';

/** How a terminal shows a line: good news, bad news, a warning, less important, a title. */
export type Tone = 'good' | 'bad' | 'warning' | 'faint' | 'title' | 'command';

/** One or more lines of one tone. A command that is to be copied is never broken. */
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

/**
 * Whether output to this stream is coloured: not with NO_COLOR (no-color.org), always with FORCE_COLOR, else on a terminal that
 * supports it.
 */
export function isColoured({ isTTY = false }: Stream, env: Environment = process.env): boolean {
  const { NO_COLOR = '', FORCE_COLOR, TERM } = env;
  if (NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTTY && TERM !== 'dumb';
}

/** A text for this stream: on a terminal it is broken between words, and coloured by its tone. */
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

/** Least number of columns beside an indentation in which lines are still broken. */
const narrowest = 20;

/** Breaks lines between words so that none is wider; the rest of a line is indented by two more columns. */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap(line => wrappedLine(line, width))
    .join('\n');
}

function wrappedLine(line: string, width: number): readonly string[] {
  if (line.length <= width) return [line];
  // In a list, or after the first column of a table, the rest of a line is indented like the words after it.
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
