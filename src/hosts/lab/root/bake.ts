import { join } from 'node:path';
import { must, tail } from '../../transport/shell.ts';
import { bootOn } from '../machine/machine.ts';
import { directoryOf } from '../register/register.ts';
import type { Recipe } from './recipe.ts';

/** What one build needs. */
export interface Building {
  /** The lock held during the build. */
  readonly held: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * What is kept of a first boot: the registry's storage, and the marks and files by which later boots know that users, linker
 * cache and catalogs are made already (ConditionNeedsUpdate, man systemd.unit).
 */
const kept = [
  ...['var/lib/docker-registry', 'var/lib/systemd/catalog', 'var/.updated'],
  ...['etc/.updated', 'etc/ld.so.cache', 'etc/passwd', 'etc/group', 'etc/shadow', 'etc/gshadow'],
];

// A path that this boot did not write does not exist. The root's own tar unpacks within the root.
const carry = `set -euo pipefail
upper=$1 root=$2; shift 2; cd "$upper"
for path; do [ ! -e "$path" ] || printf '%s\\0' "$path"; done |
  tar --create --numeric-owner --null --files-from=- --file=- |
  chroot "$root" /bin/tar --extract --numeric-owner --preserve-permissions --directory=/ --file=-`;

/** Boots a fresh root once, fills its registry with the probe images, and keeps what later boots need. */
export async function bake(scratch: string, recipe: Recipe, { held, signal }: Building): Promise<void> {
  const root = join(scratch, 'root');
  const ground = { suite: recipe.suite, lowers: [root] };
  const machine = await bootOn(ground, signal === undefined ? {} : { signal });
  // Kept outside of the machine's files until it is down, because the root is one of its layers.
  const upper = join(directoryOf(machine.name), 'ram/upper');
  try {
    const baked = await machine.channel.run(recipe.bake, { timeoutMs: 300_000 });
    if (baked.status !== 0)
      throw new Error(`the probe images could not be baked:\n${tail(baked.stdout + baked.stderr)}`);
    await machine.powerOff();
    await must('bash', ['-c', carry, 'bash', upper, root, ...kept], { diesWithUs: 'tree', lent: held });
  } finally {
    await machine.down();
  }
}
