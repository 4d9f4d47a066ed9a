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
  /** Number of the run that booted it; null for one that is kept. */
  readonly owner: number | null;
  /** Whether `clean` would take it down. */
  readonly abandoned: boolean;
}

/** Every machine there is. */
export function list(): readonly ListedMachine[] {
  return registered().map(entry => ({
    name: entry.name,
    suite: entry.suite,
    up: ownProcess(entry, 'leader') !== null,
    owner: entry.owner?.pid ?? null,
    abandoned: abandoned(entry),
  }));
}

/** What stands among the machines and is none: a sentence each, which says what to type. */
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

/** Take down the machine of this name, whoever booted it, and whatever its entry says. */
export async function down(name: string): Promise<void> {
  if (entryOf(machineName(name)) === null) throw unknown(name);
  await takeDown(name);
}

/** What `clean` did. */
export interface Cleaned {
  /** Names of the machines that it took down. */
  readonly gone: readonly string[];
  /** What could not be removed, a sentence each. */
  readonly trouble: readonly string[];
}

/**
 * Take down every machine whose run is dead, and remove what killed runs left half made. Machines of living runs are left
 * alone. Nothing that one of them has wrong with it stops whoever cleans: it is handed back.
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

/** Where roots and snapshots are made. */
function scratchFolders(): readonly string[] {
  const cache = cacheDirectory();
  if (!existsSync(cache)) return [];
  const snapshots = readdirSync(cache).map(name => join(cache, name, 'snapshots'));
  return [cache, ...snapshots.filter(folder => existsSync(folder))];
}

/** Take down a machine of this name that its run has left behind, so that the name is free. */
export async function freeName(name: string, say: (line: string) => void = () => {}): Promise<void> {
  const isLeft = (): boolean => {
    const entry = entryOf(name);
    return entry !== null && !isOdd(entry) && abandoned(entry);
  };
  // Looked at again with the lock in hand: another run may have been first, and have booted one by now.
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

/** A shell inside a machine, at this terminal; hands back its exit status. */
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
  // By systemd-run, because nsenter alone would leave the shell in our own cgroup (facts-debian13 F70).
  const pty = [
    'systemd-run',
    '-q',
    // Without a terminal there is none to lend, and a script that is piped in must be able to end.
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
