import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../problem.ts';
import { must } from '../shell.ts';
import { cgroupsOf, removeCgroups } from './cgroup.ts';
import { runDirectory } from './paths.ts';
import { alive, kill, type Proc, procOf } from './process.ts';

/** What is known of a machine outside the run that booted it. */
export interface Entry {
  readonly name: string;
  readonly suite: string;
  /** The run that booted it; null for one that is kept until somebody takes it down. */
  readonly owner: Proc | null;
  readonly nspawn: Proc | null;
  /** PID 1 of the machine, seen from outside. */
  readonly leader: Proc | null;
  readonly cgroups: readonly string[];
  /** Layers that must not change while it is up. */
  readonly lowers: readonly string[];
}

const machines = (): string => join(runDirectory, 'machines');

/** Where everything of a machine stands while it is up. */
export const directoryOf = (name: string): string => join(machines(), name);

const file = (directory: string): string => join(directory, 'machine.json');

/** Write an entry anew; whoever reads it sees the old or the new one, never half of it. */
export function record(entry: Entry, directory = directoryOf(entry.name)): void {
  writeFileSync(`${file(directory)}.new`, JSON.stringify(entry));
  renameSync(`${file(directory)}.new`, file(directory));
}

/** Register a machine before anything of it exists, so that whatever happens next can be cleaned up. */
export function register(name: string, suite: string, lowers: readonly string[]): Entry {
  const entry: Entry = {
    name,
    suite,
    owner: procOf(process.pid),
    nspawn: null,
    leader: null,
    cgroups: cgroupsOf(name),
    lowers,
  };
  const made = join(machines(), `.${name}-${process.pid}`);
  mkdirSync(made, { recursive: true });
  record(entry, made);
  try {
    // Atomic: fails where another run has a machine of this name, because its directory is not empty.
    renameSync(made, directoryOf(name));
  } catch {
    rmSync(made, { recursive: true });
    throw new Problem({
      expected: 'a name that no machine has',
      found: `${name}, which is registered already`,
      where: directoryOf(name),
      next: 'stackfuzz lab list, then take another name, or: stackfuzz lab clean',
    });
  }
  return entry;
}

/** What is registered under this name, or null. */
export function entryOf(name: string): Entry | null {
  if (name.startsWith('.') || !existsSync(file(directoryOf(name)))) return null;
  return JSON.parse(readFileSync(file(directoryOf(name)), 'utf8')) as Entry;
}

/** Every machine that is registered. */
export function registered(): readonly Entry[] {
  return existsSync(machines()) ? readdirSync(machines()).flatMap(name => entryOf(name) ?? []) : [];
}

/** Whether nobody answers for a machine any more: its run is dead, or it was kept and has ended. */
export const abandoned = (entry: Entry): boolean =>
  entry.owner === null ? entry.leader !== null && !alive(entry.leader) : !alive(entry.owner);

function mountsBelow(directory: string): readonly string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map(line => (line.split(' ')[4] ?? '').replace(/\\040/g, ' '));
  return points.filter(point => point.startsWith(`${directory}/`)).reverse();
}

/** Take a machine down at once and completely: processes, mounts, cgroups, files. */
export async function tearDown(entry: Entry): Promise<void> {
  const directory = directoryOf(entry.name);
  if (entry.leader !== null) kill(entry.leader); // the kernel kills the rest of its pid namespace, systemd-nspawn ends
  for (let wait = 0; entry.nspawn !== null && alive(entry.nspawn); wait++) {
    if (wait === 300 || entry.leader === null) kill(entry.nspawn);
    if (wait === 3000) throw new Error(`${entry.name}: systemd-nspawn (process ${entry.nspawn.pid}) cannot be killed`);
    await sleep(10);
  }
  const cgroups = await removeCgroups(entry.cgroups);
  for (const point of mountsBelow(directory)) await must('umount', ['-l', point]);
  const mounts = mountsBelow(directory);
  if (mounts.length > 0) throw new Error(`${entry.name}: still mounted, nothing removed: ${mounts.join(' ')}`);
  rmSync(join('/run/systemd/nspawn/propagate', entry.name), { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
  if (cgroups.length > 0) throw new Error(`${entry.name}: cgroups could not be removed: ${cgroups.join(' ')}`);
}
