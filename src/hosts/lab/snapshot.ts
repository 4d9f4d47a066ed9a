import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { must } from '../shell.ts';
import { requireRoom } from './available.ts';
import { build } from './build.ts';
import { locked } from './lock.ts';
import { bootOn, type Ground, type LabMachine } from './machine.ts';
import type { Suite } from './recipe.ts';
import { directoryOf, registered } from './register.ts';

/** A prepared machine, powered off, upon which others are booted. */
export interface Snapshot {
  readonly suite: Suite;
  /** Where `upper` and `home` stand; two levels above stands the root it belongs to. */
  readonly directory: string;
}

/** How many snapshots of a root are kept. */
const most = 6;

/** What a machine upon this snapshot is booted from. */
export function groundOf({ suite, directory }: Snapshot): Ground {
  const now = new Date();
  utimesSync(directory, now, now); // the least recently used one goes first
  const root = join(dirname(dirname(directory)), 'root');
  return { suite, lowers: [join(directory, 'upper'), root], home: join(directory, 'home') };
}

/**
 * The snapshot of this key, made where it is not there yet: boot a machine, prepare it, power it off cleanly and keep
 * its files. Machines booted upon it start in the prepared state, with their enabled units started by systemd.
 */
export async function snapshot(
  key: string,
  prepare: (machine: LabMachine) => Promise<void>,
  options: { suite?: Suite; say?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<Snapshot> {
  const suite = options.suite ?? 'trixie';
  const base = await build({ suite, ...(options.say === undefined ? {} : { say: options.say }) });
  const name = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const made: Snapshot = { suite, directory: join(base, 'snapshots', name) };
  if (existsSync(made.directory)) return made;
  return locked(`snapshot-${basename(base)}-${name}`, async () => {
    if (existsSync(made.directory)) return made; // another run was first
    options.say?.('preparing a machine (once), to boot others straight into its state');
    const half = join(dirname(made.directory), `.half-${name}`);
    rmSync(half, { recursive: true, force: true }); // of a run that was killed: we hold the lock
    mkdirSync(half, { recursive: true });
    await requireRoom(half, 512 * 2 ** 20);
    try {
      await makeIn(half, { suite, lowers: [join(base, 'root')] }, prepare, options.signal);
      renameSync(half, made.directory);
    } catch (error) {
      rmSync(half, { recursive: true, force: true });
      throw error;
    }
    forgetOldest(dirname(made.directory));
    return made;
  });
}

async function makeIn(
  half: string,
  ground: Ground,
  prepare: (machine: LabMachine) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const machine = await bootOn(ground, signal === undefined ? {} : { signal });
  try {
    await prepare(machine);
    await machine.powerOff();
    const ram = join(directoryOf(machine.name), 'ram');
    // Numeric owners (the operator's subordinate ids) and extended attributes (overlays within) are part of the state.
    await must('cp', ['-a', '--reflink=auto', join(ram, 'upper'), join(ram, 'home'), half], { timeoutMs: 300_000 });
  } finally {
    await machine.down();
  }
  rmSync(join(half, 'upper/var/log/journal'), { recursive: true, force: true }); // a new machine has a journal of its own
}

function forgetOldest(directory: string): void {
  const inUse = registered().flatMap(entry => entry.lowers);
  readdirSync(directory)
    .filter(name => !name.startsWith('.'))
    .map(name => join(directory, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .slice(most)
    .filter(old => !inUse.some(lower => lower.startsWith(`${old}/`)))
    .forEach(old => {
      rmSync(old, { recursive: true, force: true });
    });
}
