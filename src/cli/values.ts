import { availableParallelism, totalmem } from 'node:os';
import { InvalidArgumentError } from 'commander';

const seconds = { s: 1, m: 60, h: 3600 } as const;

/** Longest duration: 30 days, in hours. */
const longest = 720;

/** A duration such as 90s, 10m, 1h, 1h30m; a bare number is seconds. Returns seconds, 30 days at most. */
export function duration(text: string): number {
  const total = secondsOf(text);
  if (total > longest * seconds.h)
    throw new InvalidArgumentError(`Expected a duration of at most ${longest}h (30 days).`);
  return total;
}

function secondsOf(text: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  const parts = [...text.matchAll(/(\d+)([smh])/g)];
  const total = parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * seconds[unit as keyof typeof seconds],
    0,
  );
  if (total > 0 && parts.map(([part]) => part).join('') === text) return total;
  throw new InvalidArgumentError('Expected a duration such as 90s, 10m or 1h30m.');
}

/** A duration for people: 90 becomes 1m30s. */
export function shownDuration(total: number): string {
  const [h, m, s] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), Math.floor(total % 60)];
  return [h > 0 ? `${h}h` : '', m > 0 ? `${m}m` : '', s > 0 || total < 1 ? `${s}s` : ''].join('');
}

/** Reads a whole number within bounds; `why` explains the upper one. */
const whole =
  (from: number, to: number, why = '') =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${from} to ${to}${why === '' ? '' : ` (${why})`}.`);
  };

/** A number of something: runs, findings. */
export const positive = whole(1, 1_000_000_000);

/** A seed, or the number of a run: a whole number that fits in 32 bits. */
export const seed = whole(0, 0x7fffffff);

/** Most operations in a run. A longer run takes minutes on the simulator, and hours on a lab machine, before it is judged. */
export const stepsInRun = whole(1, 10_000);

/** What a computer has for lab machines. */
export interface Computer {
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
}

/** This computer, as far as this process may use it. */
export function thisComputer(): Computer {
  // The limit of its control group; where there is none, 0 or more than the computer has.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return { cores: availableParallelism(), memory: Math.min(totalmem(), limit) };
}

/**
 * A number of lab machines used at the same time. Each has another one booting behind it, and the two take about 0.5 GiB; they
 * may use half of the memory. A machine mostly waits, so that a core serves up to eight.
 */
export function labs({ cores, memory }: Computer): (text: string) => number {
  const most = Math.max(1, Math.min(8 * cores, Math.floor(memory / 2 ** 30)));
  const words = `${cores} ${cores === 1 ? 'core' : 'cores'} and ${(memory / 2 ** 30).toFixed(1)} GiB of memory`;
  return whole(1, most, `this computer has ${words}; a lab machine takes an eighth of a core and 1 GiB, to leave half`);
}

/** A size of memory: 500M, 6G. Returns bytes. */
export function gigabytes(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([MG])$/.exec(text) ?? [];
  const bytes = Number(amount) * (unit === 'G' ? 1e9 : 1e6);
  if (bytes > 0) return bytes;
  throw new InvalidArgumentError('Expected a size such as 500M or 6G.');
}
