import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number: its start time tells them apart. */
export interface Proc {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, in clock ticks since boot. */
  readonly started: string;
}

/** Field 22 of a stat line; the name in parentheses may hold blanks and parentheses of its own. */
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

/** The process with this number as it is now, or null where there is none. */
export function procOf(pid: number): Proc | null {
  const stat = read(pid, 'stat');
  return stat === null ? null : { pid, started: startedAt(stat) };
}

/** Whether that very process still runs. A zombie does not. */
export function alive(proc: Proc): boolean {
  const stat = read(proc.pid, 'stat');
  return stat !== null && startedAt(stat) === proc.started && !/^\d+ \(.*\) [ZX]/s.test(stat);
}

/** Send SIGKILL to that very process; nothing where it is gone or its number belongs to another. */
export function kill(proc: Proc): void {
  if (!alive(proc)) return;
  try {
    process.kill(proc.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether a /proc/PID/status tells of PID 1 of a namespace just below ours, whose parent is the given process. */
export function isInit(status: string, parent: number): boolean {
  return new RegExp(`^PPid:\\s${parent}$`, 'm').test(status) && /^NSpid:\s\d+\s1$/m.test(status);
}

/** Of these processes, the PID 1 of the machine that the given systemd-nspawn runs. */
export function initAmong(pids: readonly number[], nspawn: number): Proc | null {
  const pid = pids.find(candidate => isInit(read(candidate, 'status') ?? '', nspawn));
  return pid === undefined ? null : procOf(pid);
}
