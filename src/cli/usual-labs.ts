import { availableParallelism, freemem } from 'node:os';

/** Memory for a lab machine in use and the next one booted ahead of it, with room for what a run does. */
const bytesEach = 768 * 2 ** 20;

/** More than this number wait for one another in the kernel, whatever the number of cores. */
const most = 16;

/**
 * The default number of lab machines used at the same time: one for each core, as far as the free memory allows. One machine
 * keeps about a core busy, and a third on two cores makes all three slower (bench/lab.bench.ts).
 */
export function usualLabs(cores: number = availableParallelism(), freeBytes: number = freemem()): number {
  return Math.max(1, Math.min(cores, Math.floor(freeBytes / bytesEach), most));
}
