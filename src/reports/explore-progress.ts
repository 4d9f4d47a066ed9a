import type { ExploreProgress } from '../engine/explore/search.ts';
import { clock, count, type Screen } from './progress.ts';

/** Shows the progress of an exploration: on a terminal one line that is rewritten, elsewhere a plain line from time to time. */
export function exploringOn(screen: Screen, depth: number, now: () => number = Date.now) {
  const begun = now();
  let before = 0;
  let shown = false;
  let last = screen.isTTY ? Number.NEGATIVE_INFINITY : begun;
  const end = (): void => {
    if (shown) screen.write('\r\u001b[K');
    shown = false;
  };
  return {
    end,
    stands(progress: ExploreProgress): void {
      before ||= progress.transitions;
      const time = now();
      if (time - last < (screen.isTTY ? 100 : 15_000)) return;
      last = time;
      const line = lineOf(progress, depth, (time - begun) / 1000, before);
      if (!screen.isTTY) return void screen.write(`${line}\n`);
      screen.write(`\r${line.slice(0, (screen.columns ?? 80) - 1)}\u001b[K`);
      shown = true;
    },
  };
}

/** `before`: transitions that were made before this clock was started. */
export function lineOf(progress: ExploreProgress, depth: number, seconds: number, before: number): string {
  const { states, transitions, expanded, toExpand, met } = progress;
  const rate = Math.round((transitions - before) / Math.max(seconds, 0.001));
  const left = secondsLeft(progress, depth, rate);
  return [
    `${clock(seconds)} depth ${progress.depth} of ${depth}, ${Math.floor((100 * expanded) / Math.max(toExpand, 1))} %`,
    `${number(states)} states`,
    `${count(transitions, 'transition')} (${number(rate)}/s)`,
    count(met.length, 'finding'),
    ...(left === null ? [] : [`about ${clock(left)} to go`]),
  ].join(', ');
}

/** Assumes that every state leads to as many steps, and every depth to as many states, as so far. */
function secondsLeft(
  { depth, expanded, toExpand, level, transitions }: ExploreProgress,
  most: number,
  rate: number,
): number | null {
  if (expanded === 0 || rate === 0) return null;
  const each = level.transitions / expanded;
  const growth = level.states / expanded;
  let [states, expansions] = [toExpand, toExpand - expanded];
  for (let at = depth; at < most; at++) {
    states *= growth;
    expansions += states;
  }
  return transitions === 0 ? null : (expansions * each) / rate;
}

const number = (value: number): string => value.toLocaleString('en-US');
