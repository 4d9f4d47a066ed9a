import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { must } from '../shell.ts';
import { hashOf, type Recipe } from './recipe.ts';
import { operator } from './settings.ts';

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  rmSync(join(root, path), { force: true }); // it may be a link that leads out of the root
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), 0o644);
}

function link(root: string, path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  rmSync(join(root, path), { force: true });
  symlinkSync(target, join(root, path));
}

/** Make a bare Debian root a machine of ours: its operator, its settings, nothing that wakes up by itself. */
export async function settle(root: string, recipe: Recipe): Promise<void> {
  const account = ['-u', String(operator.uid), '-U', '-s', '/bin/bash', '-M', '-d', operator.home, operator.name];
  await must('chroot', [root, 'useradd', ...account]);
  for (const [path, text] of Object.entries(recipe.files)) write(root, path, text);
  for (const unit of recipe.masked) link(root, `/etc/systemd/system/${unit}`, '/dev/null');
  for (const unit of recipe.enabled)
    link(root, `/etc/systemd/system/sockets.target.wants/${unit}`, `/etc/systemd/system/${unit}`);
  // Sockets of gnupg that every user manager would open.
  rmSync(join(root, '/etc/systemd/user/sockets.target.wants'), { recursive: true, force: true });
  // With an id of its own a boot is no "first boot", which would preset every unit anew.
  write(root, '/etc/machine-id', `${hashOf(recipe).padEnd(32, '0')}\n`);
  for (const directory of ['/nix/store', '/nix/var/nix']) mkdirSync(join(root, directory), { recursive: true });
  await must('chown', ['-R', `${operator.uid}:${operator.uid}`, join(root, 'nix')]);
}
