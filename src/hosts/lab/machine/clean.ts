import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../../problem.ts';
import { run } from '../../transport/shell.ts';
import type { LabRecord } from '../register/entry.ts';
import { locked } from '../register/lock.ts';
import { machineName } from '../register/names.ts';
import { sweepHalfMade } from '../register/once.ts';
import { cacheDirectory, lockDirectory } from '../register/paths.ts';
import {
  abandoned,
  entryOf,
  everything,
  isOdd,
  openRegister,
  ownProcess,
  registered,
  sweepRegister,
} from '../register/register.ts';
import { operator, type Speaker } from './settings.ts';
import { takeDown } from './take-down.ts';
import { tracesOf } from './traces.ts';

/** A machine as `stackfuzz lab list` shows it. */
export interface ListedMachine {
  readonly name: string;
  readonly suite: string;
  readonly up: boolean;
  /** PID of the run that booted it; null if it is kept. */
  readonly owner: number | null;
  /** Whether `clean` would take it down. */
  readonly abandoned: boolean;
}

/** All machines. */
export function list(): readonly ListedMachine[] {
  return registered().map(entry => ({
    name: entry.name,
    suite: entry.suite,
    up: ownProcess(entry, 'leader') !== null,
    owner: entry.owner?.pid ?? null,
    abandoned: abandoned(entry),
  }));
}

/** What is in the folder of machines and is no machine: one sentence each, with what to type. */
export const oddities = (): readonly string[] =>
  everything().flatMap(one => (isOdd(one) ? [`${JSON.stringify(one.name)}: ${one.odd}`] : []));

function unknown(name: string): Problem {
  const names = everything().map(other => other.name);
  return new Problem({
    expected: names.length === 0 ? 'a machine (there is none)' : `one of ${names.join(', ')}`,
    found: name,
    where: 'lab',
    next: 'stackfuzz lab list',
  });
}

/** Takes down the machine of this name, whoever booted it, and whatever its entry says. */
export async function down(name: string): Promise<void> {
  if (entryOf(machineName(name)) === null) throw unknown(name);
  await takeDown(name);
}

/** What `clean` did. */
export interface Cleaned {
  /** Names of the machines that it took down. */
  readonly gone: readonly string[];
  /** What could not be removed, one sentence each. */
  readonly trouble: readonly string[];
}

/**
 * Takes down every machine whose run is dead, and removes what killed runs left half made. Machines of running runs are left
 * alone. A failure with one of them does not stop the others; it is returned.
 */
export async function clean(say: (line: string) => void = () => {}): Promise<Cleaned> {
  return locking('clean', say, async () => {
    const gone: string[] = [];
    const trouble: string[] = [];
    const trying = async (what: string, work: () => unknown): Promise<void> => {
      try {
        await work();
      } catch (error) {
        trouble.push(`${what}: ${error instanceof Error ? error.message : error}`);
      }
    };
    for (const { name } of registered().filter(abandoned)) {
      await trying(name, () => takeDown(name));
      const left = tracesOf(name);
      if (left.length === 0) gone.push(name);
      else trouble.push(...left.map(trace => `${name}: ${trace}`));
    }
    await trying('left-overs of killed runs', sweepRegister);
    for (const folder of scratchFolders()) await trying(folder, () => sweepHalfMade(folder));
    return { gone, trouble };
  });
}

/** The folders in which roots and snapshots are made. */
function scratchFolders(): readonly string[] {
  const cache = cacheDirectory();
  if (!existsSync(cache)) return [];
  const snapshots = readdirSync(cache).map(name => join(cache, name, 'snapshots'));
  return [cache, ...snapshots.filter(folder => existsSync(folder))];
}

/** Takes down a machine of this name that a dead run left behind, so that the name is free. */
export async function freeName(name: string, say: (line: string) => void = () => {}): Promise<void> {
  const isLeft = (): boolean => {
    const entry = entryOf(name);
    return entry !== null && !isOdd(entry) && abandoned(entry);
  };
  // Checked again under the lock: another run may have been faster, and may have booted one by now.
  if (isLeft()) await locking('clean', say, async () => (isLeft() ? takeDown(name) : undefined));
}

async function locking<T>(name: string, say: (line: string) => void, work: () => Promise<T>): Promise<T> {
  await openRegister();
  return locked(join(lockDirectory, name), { doing: 'takes down what dead runs left behind', say }, work);
}

/** A machine to enter. */
export function runningMachine(name: string): LabRecord {
  const entry = entryOf(machineName(name));
  if (entry === null) throw unknown(name);
  if (!isOdd(entry)) return entry;
  throw new Problem({ expected: 'a machine', found: entry.odd, where: name, next: 'stackfuzz lab list' });
}

/** Opens a shell inside a machine, at this terminal; returns its exit status. */
export async function shell(name: string, as: Speaker = 'operator'): Promise<number> {
  const leader = ownProcess(runningMachine(name), 'leader');
  if (leader === null)
    throw new Problem({
      expected: 'a machine that is up',
      found: `${name}, which is down`,
      where: 'lab',
      next: 'stackfuzz lab clean',
    });
  const inside = ['-t', String(leader.pid), '-m', '-u', '-i', '-n', '-p', '-C', '--'];
  const runtime = `/run/user/${operator.uid}`;
  const who =
    as === 'root'
      ? []
      : [
          '-p',
          `User=${operator.name}`,
          '-E',
          `XDG_RUNTIME_DIR=${runtime}`,
          '-E',
          `DBUS_SESSION_BUS_ADDRESS=unix:path=${runtime}/bus`,
        ];
  // With systemd-run, because nsenter alone would leave the shell in the cgroup of this process (facts-debian13 F70).
  const pty = [
    'systemd-run',
    '-q',
    // Without a terminal none is allocated, so that a script from a pipe can end.
    process.stdin.isTTY ? '--pty' : '--pipe',
    '--wait',
    '--collect',
    `--working-directory=${as === 'root' ? '/root' : operator.home}`,
    '-E',
    'TERM',
    ...who,
    'bash',
    '-l',
  ];
  return (await run('nsenter', [...inside, ...pty], { tty: true })).status;
}
