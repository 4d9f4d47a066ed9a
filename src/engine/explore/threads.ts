import { type MessagePort, Worker } from 'node:worker_threads';
import { Crash } from '../run/crash.ts';
import type { Batch, Expander, From } from './expand.ts';
import type { Crew } from './search.ts';

/** Requests to a thread, and its answers. */
type Asked = { readonly id: number; readonly from: readonly From[] | null; readonly left: number };
type Answered = { readonly id: number; readonly batch?: Batch; readonly error?: { name: string; message: string } };

/** Lets a thread answer for an expander, one batch after the other. */
export function serving(port: MessagePort, expander: Expander): void {
  let last: Promise<void> = Promise.resolve();
  const answer = async ({ id, from, left }: Asked): Promise<void> => {
    try {
      const batch = await (from === null ? expander.begin(left) : expander.expand(from, left));
      const { hashes, parents, steps, costs } = batch;
      port.postMessage({ id, batch } satisfies Answered, [
        hashes.buffer,
        parents.buffer,
        steps.buffer,
        costs.buffer,
      ] as ArrayBuffer[]);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      port.postMessage({ id, error: { name, message } } satisfies Answered);
    }
  };
  port.on('message', (asked: Asked) => {
    last = last.then(() => answer(asked));
  });
}

/** Two batches for each thread: one in work, and one that waits. */
const batchesEach = 2;

/** In MB. Most of what a transition allocates is garbage at once: a large young generation saves a tenth of the time. */
const young = 128;

/** A crew of threads that all run the same file. */
export function threads(count: number, file: URL, workerData: unknown): Crew {
  const waiting = new Map<number, { resolve(batch: Batch): void; reject(error: Error): void }>();
  const failed = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(file, { workerData, resourceLimits: { maxYoungGenerationSizeMb: young } });
    worker.on('message', ({ id, batch, error }: Answered) => {
      const asked = waiting.get(id);
      waiting.delete(id);
      if (batch !== undefined) asked?.resolve(batch);
      else asked?.reject(error?.name === 'Crash' ? new Crash(error.message) : new Error(error?.message));
    });
    worker.on('error', failed);
    worker.on('exit', code => {
      if (code !== 0) failed(new Error(`a thread of the search ended with ${code}`));
    });
    return { worker, load: 0 };
  });
  let next = 0;
  const ask = (from: readonly From[] | null, left: number): Promise<Batch> => {
    const id = next++;
    const idlest = workers.reduce((best, one) => (one.load < best.load ? one : best));
    idlest.load++;
    return new Promise<Batch>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      idlest.worker.postMessage({ id, from, left } satisfies Asked);
    }).finally(() => {
      idlest.load--;
    });
  };
  return {
    size: batchesEach * count,
    begin: left => ask(null, left),
    expand: (from, left) => ask(from, left),
    close: async () => {
      await Promise.all(workers.map(({ worker }) => worker.terminate()));
    },
  };
}
