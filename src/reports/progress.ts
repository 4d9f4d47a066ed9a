import { redacted } from '../redact.ts';
import { visible } from '../visible.ts';

/** Where progress is shown: a terminal or a log. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The present state of a session. */
export interface Standing {
  readonly operations: number;
  readonly runs: number;
  readonly findings: number;
}

/** When a session ends by itself: at the first of these. */
export interface Bounds {
  readonly seconds?: number | undefined;
  readonly runs?: number | undefined;
}

/** Shows the progress of a session. */
export interface Progress {
  /** Prints a line that stays. */
  say(line: string): void;
  /** Shows what is being done now. */
  doing(what: string): void;
  stands(standing: Standing): void;
  /** Removes the line that is rewritten. */
  end(): void;
}

/** Shortest time between two updates on a terminal, and between two lines in a log, in milliseconds. */
const redraw = 100;
const logEvery = 15_000;

/** Shows nothing. */
export const silent: Progress = { say: () => {}, doing: () => {}, stands: () => {}, end: () => {} };

/** On a terminal one line that is rewritten; elsewhere a plain line from time to time. */
export function progressOn(screen: Screen, now: () => number = Date.now, bounds: Bounds = {}): Progress {
  const begun = now();
  let standing: Standing = { operations: 0, runs: 0, findings: 0 };
  let activity = '';
  let shown = false;
  let last = screen.isTTY ? Number.NEGATIVE_INFINITY : begun;

  const erase = (): void => {
    if (shown) screen.write('\r\u001b[K');
    shown = false;
  };
  const show = (): void => {
    const time = now();
    if (time - last < (screen.isTTY ? redraw : logEvery)) return;
    last = time;
    const line = visible(lineOf(standing, (time - begun) / 1000, activity, bounds).replaceAll('\n', ' '));
    if (!screen.isTTY) return void screen.write(`${line}\n`);
    screen.write(`\r${line.slice(0, (screen.columns ?? 80) - 1)}\u001b[K`);
    shown = true;
  };
  return {
    say(line) {
      erase();
      screen.write(`${visible(redacted(line))}\n`);
    },
    doing(what) {
      activity = what;
      show();
    },
    stands(next) {
      standing = next;
      show();
    },
    end: erase,
  };
}

function lineOf({ operations, runs, findings }: Standing, seconds: number, activity: string, bounds: Bounds): string {
  const rate = seconds < 1 ? '' : ` (${rateOf(operations / seconds)})`;
  const counts = `${count(operations, 'operation')} in ${count(runs, 'run')}${rate}, ${count(findings, 'finding')}`;
  return `${clock(seconds)}${leftOf(bounds, seconds, runs)} ${counts}${activity === '' ? '' : `, now: ${activity}`}`;
}

/** How much of its bounds is used, and how long the rest takes: by the bound that is reached first. */
function leftOf(bounds: Bounds, seconds: number, runs: number): string {
  const byTime =
    bounds.seconds === undefined ? [] : [{ share: seconds / bounds.seconds, left: bounds.seconds - seconds }];
  const byRuns =
    bounds.runs === undefined || runs === 0
      ? []
      : [{ share: runs / bounds.runs, left: (seconds / runs) * (bounds.runs - runs) }];
  const [nearest] = [...byTime, ...byRuns].sort((one, other) => one.left - other.left);
  if (nearest === undefined) return '';
  if (nearest.left < 1) return ' (100 %, ending)';
  return ` (${Math.floor(100 * nearest.share)} %, ${clock(nearest.left)} to go)`;
}

const rateOf = (perSecond: number): string =>
  perSecond >= 10 ? `${Math.round(perSecond)}/s` : `${perSecond.toFixed(1)}/s`;

/** A time as a clock shows it: 1:05. */
export const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** A number with its word: 1 run, 1,200 runs. */
export const count = (number: number, word: string): string =>
  `${number.toLocaleString('en-US')} ${word}${number === 1 ? '' : 's'}`;
