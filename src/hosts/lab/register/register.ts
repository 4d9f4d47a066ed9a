import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../../files.ts';
import { Problem } from '../../../problem.ts';
import { cgroupsOf, processesIn } from './cgroup.ts';
import { type LabRecord, type Odd, readEntry, writeEntry } from './entry.ts';
import { closedFolder } from './folders.ts';
import { machineName } from './names.ts';
import { lockDirectory, runDirectory } from './paths.ts';
import { alive, type Proc, procOf } from './process.ts';

const machines = join(runDirectory, 'machines');

/** The directory of a machine while it is up. @throws Problem if no machine may have this name. */
export const directoryOf = (name: string): string => join(machines, machineName(name));

/** Makes the folders of running machines, closed to everybody else. */
export async function openRegister(): Promise<void> {
  for (const folder of [join(runDirectory, '..'), runDirectory, machines]) await closedFolder(folder);
  // Somebody who could open a lock may still hold it.
  if (await closedFolder(lockDirectory))
    for (const name of readdirSync(lockDirectory)) rmSync(join(lockDirectory, name));
}

/** Write an entry anew. */
export const record = (entry: LabRecord): void => writeEntry(entry, directoryOf(entry.name));

/** Registers a machine before anything of it exists, so that it can be cleaned up whatever happens next. */
export async function register(name: string, suite: string, lowers: readonly string[]): Promise<LabRecord> {
  const place = directoryOf(name);
  await openRegister();
  const entry: LabRecord = {
    name,
    id: randomUUID(),
    suite,
    owner: procOf(process.pid),
    nspawn: null,
    leader: null,
    lowers: [...lowers],
  };
  const made = hiddenPlace(name);
  mkdirSync(made, 0o700);
  writeEntry(entry, made);
  try {
    // Atomic: it fails if another run has a machine of this name, because its directory is not empty.
    renameSync(made, place);
  } catch {
    rmSync(made, { recursive: true });
    throw new Problem({
      expected: 'a name that no machine has',
      found: `${name}, which is registered already`,
      where: place,
      next: `stackfuzz lab list, then take another name, or: stackfuzz lab down ${name}`,
    });
  }
  return entry;
}

/** A name in the folder of machines that no machine has, and that says who made it. */
function hiddenPlace(name: string): string {
  const { pid, started } = procOf(process.pid) ?? { pid: process.pid, started: '0' };
  return join(machines, `.${pid}-${started}-${machineName(name)}-${randomUUID().slice(0, 8)}`);
}

/** Forgets a machine of which nothing else is left: its directory is first renamed, then removed. */
export function unregister(name: string): void {
  const hidden = hiddenPlace(name);
  try {
    renameSync(directoryOf(name), hidden);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return; // another process was faster
    throw error;
  }
  rmSync(hidden, { recursive: true, force: true });
}

/** Removes what killed runs left half registered or half removed. */
export function sweepRegister(): void {
  for (const hidden of inFolder()) {
    const [, pid, started] = /^\.(\d+)-(\d+)-/.exec(hidden) ?? [];
    if (pid === undefined || started === undefined || alive({ pid: Number(pid), started })) continue;
    rmSync(join(machines, hidden), { recursive: true, force: true });
  }
}

function inFolder(): readonly string[] {
  try {
    return readdirSync(machines);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new Problem({
      expected: 'the folder of running machines, which root alone can enter',
      found: codeOf(error) ?? (error as Error).message,
      where: machines,
      next: 'become root: sudo -i',
    });
  }
}

/** Everything that is registered, and everything odd beside it. */
export const everything = (): readonly (LabRecord | Odd)[] =>
  inFolder()
    .filter(name => !name.startsWith('.'))
    .flatMap(name => readEntry(join(machines, name), name) ?? []);

/** The entry of this name, or null. */
export const entryOf = (name: string): LabRecord | Odd | null =>
  existsSync(directoryOf(name)) ? readEntry(directoryOf(name), name) : null;

/** Whether it is not a machine as stackfuzz registers one. */
export const isOdd = (one: LabRecord | Odd): one is Odd => 'odd' in one;

/** Every machine that is registered. */
export const registered = (): readonly LabRecord[] => everything().flatMap(one => (isOdd(one) ? [] : [one]));

/** Whether a root or a snapshot is in use by a machine, registered or only mounted. */
export function isInUse(directory: string): boolean {
  const below = `${directory}/`;
  return (
    registered().some(entry => entry.lowers.some(lower => lower.startsWith(below))) ||
    readFileSync('/proc/self/mountinfo', 'utf8').includes(below)
  );
}

/** Whether a machine belongs to nobody any more: its run is dead, or it was kept and has ended. */
export const abandoned = (entry: LabRecord): boolean =>
  entry.owner === null ? entry.leader === null || !alive(entry.leader) : !alive(entry.owner);

/** The process that a machine's entry names, if it still runs in a cgroup of that machine; otherwise null. */
export function ownProcess(entry: LabRecord, which: 'leader' | 'nspawn'): Proc | null {
  const proc = entry[which];
  return proc !== null && alive(proc) && processesIn(cgroupsOf(entry.name)).includes(proc.pid) ? proc : null;
}
