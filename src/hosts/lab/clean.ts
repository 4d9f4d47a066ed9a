import { Problem } from '../../problem.ts';
import { run } from '../shell.ts';
import { locked } from './lock.ts';
import { alive } from './process.ts';
import { abandoned, type Entry, entryOf, registered, tearDown } from './register.ts';
import { operator, type Speaker } from './settings.ts';
import { tracesOf } from './traces.ts';

/** A machine as `stackfuzz lab list` shows it. */
export interface Listed {
  readonly name: string;
  readonly suite: string;
  readonly up: boolean;
  /** Number of the run that booted it; null for one that is kept. */
  readonly owner: number | null;
  /** Whether `clean` would take it down. */
  readonly abandoned: boolean;
}

/** Every machine there is. */
export function list(): readonly Listed[] {
  return registered().map(entry => ({
    name: entry.name,
    suite: entry.suite,
    up: entry.leader !== null && alive(entry.leader),
    owner: entry.owner?.pid ?? null,
    abandoned: abandoned(entry),
  }));
}

function known(name: string): Entry {
  const entry = entryOf(name);
  if (entry !== null) return entry;
  const names = registered().map(other => other.name);
  throw new Problem({
    expected: names.length === 0 ? 'a machine (there is none)' : `one of ${names.join(', ')}`,
    found: name,
    where: 'lab',
    next: 'stackfuzz lab list',
  });
}

/** Take down the machine of this name, whoever booted it. */
export async function down(name: string): Promise<void> {
  await tearDown(known(name));
}

/** Take down every machine whose run is dead; hands back their names. Machines of living runs are left alone. */
export async function clean(): Promise<readonly string[]> {
  return locked('clean', async () => {
    const entries = registered().filter(abandoned);
    for (const entry of entries) await tearDown(entry);
    const left = entries.flatMap(entry => tracesOf(entry.name));
    if (left.length > 0) throw new Error(`not all could be removed:\n${left.join('\n')}`);
    return entries.map(entry => entry.name);
  });
}

/** A shell inside a machine, at this terminal; hands back its exit status. */
export async function shell(name: string, as: Speaker = 'operator'): Promise<number> {
  const { leader } = known(name);
  if (leader === null || !alive(leader))
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
