/** Hands out each of a few things to one user at a time, in the order of the requests. */
export interface Pool<T> {
  use<R>(work: (one: T, index: number) => Promise<R>): Promise<R>;
}

/** Makes a pool of these things. */
export function pool<T>(all: readonly T[]): Pool<T> {
  const free = all.map((_, index) => index);
  const waiting: ((index: number) => void)[] = [];
  const taken = (): Promise<number> | number => free.shift() ?? new Promise<number>(resolve => waiting.push(resolve));
  const release = (index: number): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(index);
    else next(index);
  };
  return {
    async use(work) {
      const index = await taken();
      try {
        return await work(all[index] as T, index);
      } finally {
        release(index);
      }
    },
  };
}

/** Work that is begun ahead of its turn and taken in order. */
export interface Ahead<T> {
  take(index: number): Promise<T>;
  /** Waits for the work in progress, and returns its results. */
  rest(): Promise<readonly T[]>;
}

/** Does up to `width` pieces of work at a time; none after the last one is begun. */
export function ahead<T>(begin: (index: number) => Promise<T>, width: number, last: number): Ahead<T> {
  const under = new Map<number, Promise<T>>();
  const start = (index: number): void => {
    const work = begin(index);
    // It is awaited when its turn comes; a failure before that must not count as unhandled.
    work.catch(() => undefined);
    under.set(index, work);
  };
  return {
    take(index) {
      for (let next = index; next < index + width && next <= last; next++) if (!under.has(next)) start(next);
      const work = under.get(index) as Promise<T>;
      under.delete(index);
      return work;
    },
    async rest() {
      const all = await Promise.allSettled(under.values());
      under.clear();
      return all.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []));
    },
  };
}
