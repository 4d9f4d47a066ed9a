import { readFileSync } from 'node:fs';

/** A process, identified by PID and start time, so that it is never confused with a later one of the same PID. */
export interface Proc {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, in clock ticks since boot. */
  readonly started: string;
}

/** Field 22 of a stat line; the name in parentheses may contain blanks and parentheses. */
export function startedAt(stat: string): string {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[19] ?? '';
}

function read(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}

/** The process that has this PID now, or null if there is none. */
export function procOf(pid: number): Proc | null {
  const stat = read(pid, 'stat');
  return stat === null ? null : { pid, started: startedAt(stat) };
}

/** Whether this process still runs. A zombie does not. */
export function alive(proc: Proc): boolean {
  const stat = read(proc.pid, 'stat');
  return stat !== null && startedAt(stat) === proc.started && !/^\d+ \(.*\) [ZX]/s.test(stat);
}

/** Sends SIGKILL to this process, but not to another one that has its PID now. */
export function kill(proc: Proc): void {
  if (!alive(proc)) return;
  try {
    process.kill(proc.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether a /proc/PID/status belongs to PID 1 of a namespace just below ours, with the given process as its parent. */
export function isInit(status: string, parent: number): boolean {
  return new RegExp(`^PPid:\\s${parent}$`, 'm').test(status) && /^NSpid:\s\d+\s1$/m.test(status);
}

/** Among these processes, PID 1 of the machine that the given systemd-nspawn runs. */
export function initAmong(pids: readonly number[], nspawn: number): Proc | null {
  const pid = pids.find(candidate => isInit(read(candidate, 'status') ?? '', nspawn));
  return pid === undefined ? null : procOf(pid);
}
