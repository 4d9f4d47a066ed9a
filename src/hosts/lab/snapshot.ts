import { createHash } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { must } from '../transport/shell.ts';
import { removeInside } from './machine/inside.ts';
import { bootOn, type Ground, type LabMachine } from './machine/machine.ts';
import { madeOnce } from './register/once.ts';
import { directoryOf } from './register/register.ts';
import { requireRoom } from './root/available.ts';
import type { Building } from './root/bake.ts';
import { buildRoot, forgetBeyond } from './root/build.ts';
import type { Suite } from './root/recipe.ts';

/** A prepared machine, powered off, on which others are booted. */
export interface Snapshot {
  readonly suite: Suite;
  /** The directory with `upper` and `home`; two levels above is the root that it belongs to. */
  readonly directory: string;
}

/** How many snapshots of a root are kept: the tests make about twenty, of 12 MB each, and make one anew that was thrown away. */
const most = 32;

/** What a machine on this snapshot is booted from. */
export function groundOf({ suite, directory }: Snapshot): Ground {
  const now = new Date();
  utimesSync(directory, now, now); // the least recently used one is removed first
  const root = join(dirname(dirname(directory)), 'root');
  return { suite, lowers: [join(directory, 'upper'), root], home: join(directory, 'home') };
}

/**
 * The snapshot of this key, made if it does not exist: boots a machine, prepares it, powers it off cleanly, and keeps its
 * files. Machines booted on it start in the prepared state, with their enabled units started by systemd.
 */
export async function snapshot(
  key: string,
  prepare: (machine: LabMachine) => Promise<void>,
  options: { suite?: Suite; say?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<Snapshot> {
  const suite = options.suite ?? 'trixie';
  const say = options.say ?? (() => {});
  const { signal } = options;
  const base = await buildRoot({ suite, say, ...(signal !== undefined && { signal }) });
  const name = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const folder = join(base, 'snapshots');
  const once = {
    folder,
    name,
    key: name,
    doing: 'prepares the same machine',
    say,
    ...(signal !== undefined && { signal }),
  };
  const { place, isNew } = await madeOnce(once, async (scratch, held) => {
    say('preparing a machine (once), to boot others straight into its state');
    await requireRoom(scratch, 512 * 2 ** 20);
    await makeIn(scratch, { suite, lowers: [join(base, 'root')] }, prepare, { held, say, signal });
  });
  if (isNew) forgetBeyond(most, folder, each => !each.startsWith('.'), say);
  return { suite, directory: place };
}

async function makeIn(
  scratch: string,
  ground: Ground,
  prepare: (machine: LabMachine) => Promise<void>,
  { held, signal }: Building,
): Promise<void> {
  const machine = await bootOn(ground, signal === undefined ? {} : { signal });
  try {
    await prepare(machine);
    await machine.powerOff();
    const ram = join(directoryOf(machine.name), 'ram');
    // Numeric owners (the operator's subordinate ids) and extended attributes (overlays within) are part of the state.
    const copy = ['-a', '--reflink=auto', join(ram, 'upper'), join(ram, 'home'), scratch];
    await must('cp', copy, { timeoutMs: 300_000, diesWithUs: 'process', lent: held });
  } finally {
    await machine.down();
  }
  // A new machine has a journal of its own; if this one's is behind a link, it stays.
  removeInside(join(scratch, 'upper'), 'var/log/journal');
}
