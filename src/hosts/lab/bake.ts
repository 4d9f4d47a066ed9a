import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { must, tail } from '../shell.ts';
import { bootOn } from './machine.ts';
import type { Recipe } from './recipe.ts';
import { directoryOf } from './register.ts';

/**
 * What a first boot leaves that is kept: the registry's storage, and the marks and files by which later boots know that
 * users, linker cache and catalogs are made already (ConditionNeedsUpdate, man systemd.unit).
 */
const kept = [
  ...['var/lib/docker-registry', 'var/lib/systemd/catalog', 'var/.updated'],
  ...['etc/.updated', 'etc/ld.so.cache', 'etc/passwd', 'etc/group', 'etc/shadow', 'etc/gshadow'],
];

/** Boot a fresh root once, fill its registry with the probe images, and keep what later boots profit from. */
export async function bake(half: string, recipe: Recipe): Promise<void> {
  const root = join(half, 'root');
  const out = join(half, 'baked');
  mkdirSync(out);
  const machine = await bootOn({ suite: recipe.suite, lowers: [root] }, { name: `bake-${basename(half).slice(-12)}` });
  try {
    const baked = await machine.channel.run(recipe.bake, { timeoutMs: 300_000 });
    if (baked.status !== 0)
      throw new Error(`the probe images could not be baked:\n${tail(baked.stdout + baked.stderr)}`);
    await machine.powerOff();
    const upper = join(directoryOf(machine.name), 'ram/upper');
    // A path that this boot had no reason to write is not there.
    await must('bash', [
      '-c',
      'cd "$1" || exit; to=$2; shift 2; for p; do [ ! -e "$p" ] || cp -a --parents "$p" "$to" || exit 1; done',
      'bash',
      upper,
      out,
      ...kept,
    ]);
  } finally {
    await machine.down();
  }
  await must('cp', ['-a', `${out}/.`, root]);
  rmSync(out, { recursive: true });
}
