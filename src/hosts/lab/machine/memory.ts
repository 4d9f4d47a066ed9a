import { totalmem } from 'node:os';

const mebibyte = 2 ** 20;

/**
 * Bytes that each of a machine's two file systems in memory may take (its own files, and root's containers): an eighth of this
 * computer's memory, or of the limit of its cgroup, within 512 MiB and 4 GiB. By default a search uses at most four machines.
 */
export function machineBytes(total = totalmem(), allowed = process.constrainedMemory?.() ?? 0): number {
  const memory = allowed > 0 ? Math.min(total, allowed) : total;
  const share = Math.floor(memory / 8 / mebibyte) * mebibyte;
  return Math.min(Math.max(share, 512 * mebibyte), 4096 * mebibyte);
}

/** The same as options of a tmpfs. An empty file costs memory too, so the number of files is limited: one for each page. */
export const tmpfsOptions = (bytes = machineBytes()): string => `mode=755,size=${bytes},nr_inodes=${bytes / 4096}`;
