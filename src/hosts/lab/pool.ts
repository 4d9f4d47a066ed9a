import { Sick } from '../../../models/host.ts';
import { boot } from './boot.ts';
import type { LabMachine } from './machine/machine.ts';
import type { Suite } from './root/recipe.ts';
import type { Snapshot } from './snapshot.ts';

/** Machines booted ahead of need. */
export interface LabPool<T> {
  /** The next machine; the caller takes it down. */
  take(): Promise<T>;
  /** Takes down machines that were not taken, also those that are still booting. It may be called twice. */
  close(): Promise<void>;
}

/** What a pool's machines are booted on, and what is done to each before it is given out. */
export interface PoolOptions {
  readonly snapshot?: Snapshot;
  readonly suite?: Suite;
  /** Machines kept ready; by default 1. */
  readonly ahead?: number;
  /** How many will be asked for, if that is known: no more are booted ahead. More than that can be taken all the same. */
  readonly expected?: number;
  /**
   * How many boot at the same time; by default 1. Two that boot at the same time are each slower, but both are ready sooner.
   */
  readonly atOnce?: number;
  readonly ready?: (machine: LabMachine) => Promise<void>;
}

/** A pool of machines on a snapshot, or on the plain root. */
export function openPool({ ahead = 1, expected, atOnce, ready, ...ground }: PoolOptions): LabPool<LabMachine> {
  return poolOf(
    async signal => {
      const machine = await boot({ ...ground, signal });
      try {
        await ready?.(machine);
      } catch (error) {
        await machine.down();
        throw error;
      }
      return machine;
    },
    ahead,
    expected,
    atOnce,
  );
}

/** The pool itself: it knows only how to make machines and how to take them down. */
export function poolOf<T extends { down(): Promise<void> }>(
  make: (signal: AbortSignal) => Promise<T>,
  ahead: number,
  expected = Number.POSITIVE_INFINITY,
  atOnce = 1,
): LabPool<T> {
  const abort = new AbortController();
  const waiting: Promise<T>[] = [];
  /** Makes one after the other, in as many sequences as may run at the same time. */
  const last: Promise<unknown>[] = Array.from({ length: atOnce }, () => Promise.resolve());
  let made = 0;

  const fill = (wanted: number): void => {
    while (!abort.signal.aborted && waiting.length < wanted) {
      const row = made++ % atOnce;
      const next = Promise.resolve(last[row]).then(() => make(abort.signal));
      last[row] = next.catch(() => {});
      waiting.push(next);
    }
  };
  const fillAhead = (): void => fill(Math.min(ahead, waiting.length + Math.max(0, expected - made)));
  fillAhead();
  return {
    async take() {
      fill(1);
      const next = waiting.shift();
      if (next === undefined) throw new Sick('the pool of machines is closed');
      fillAhead();
      return next.catch((error: Error) => {
        throw error instanceof Sick
          ? error
          : new Sick(`no machine could be booted: ${error.message}`, { cause: error });
      });
    },
    async close() {
      abort.abort(new Sick('the pool of machines was closed'));
      const left = await Promise.allSettled(waiting.splice(0));
      await Promise.all(left.map(each => (each.status === 'fulfilled' ? each.value.down() : null)));
      await Promise.all(last);
    },
  };
}
