import { availableParallelism, freemem } from 'node:os';

/** Memory for a lab machine in use and the next one booted ahead of it, with room for what a run does. */
const bytesEach = 768 * 2 ** 20;

/** More than these wait for one another in the kernel, whatever the number of cores. */
const most = 16;

/**
 * Lab machines used side by side where no number is given: one for each core, since one machine keeps about a core busy (a
 * third on two cores makes all three slower: bench/lab.bench.ts), as far as the free memory goes.
 */
export function usualLabs(cores: number = availableParallelism(), freeBytes: number = freemem()): number {
  return Math.max(1, Math.min(cores, Math.floor(freeBytes / bytesEach), most));
}
