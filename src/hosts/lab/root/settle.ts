import { dirname } from 'node:path';
import { quoted } from '../../transport/quote.ts';
import { must } from '../../transport/shell.ts';
import { operator } from '../machine/settings.ts';
import { hashOf, type Recipe } from './recipe.ts';

/**
 * Turns a bare Debian root into a lab machine's: its operator, its settings, nothing that starts by itself. The root's own
 * programs do it within the root, so that none of its links is followed on this computer.
 */
export async function settle(root: string, recipe: Recipe, held: number): Promise<void> {
  const environment = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C'];
  const shell = [root, 'env', '-i', ...environment, 'bash', '-c', settling(recipe)];
  await must('chroot', shell, { diesWithUs: 'tree', lent: held });
}

function settling(recipe: Recipe): string {
  const { name, uid, home } = operator;
  const links = [
    ...recipe.masked.map(unit => [`/etc/systemd/system/${unit}`, '/dev/null'] as const),
    ...recipe.maskedGenerators.map(name => [`/etc/systemd/system-generators/${name}`, '/dev/null'] as const),
    ...recipe.enabled.map(
      unit => [`/etc/systemd/system/sockets.target.wants/${unit}`, `/etc/systemd/system/${unit}`] as const,
    ),
  ];
  // With a machine-id a boot is no "first boot", which would preset every unit anew.
  const files = { ...recipe.files, '/etc/machine-id': `${hashOf(recipe).padEnd(32, '0')}\n` };
  const places = [...links.map(([place]) => place), ...Object.keys(files)];
  return [
    'set -eu',
    'umask 022',
    `useradd -u ${uid} -U -s /bin/bash -M -d ${home} ${name}`,
    `mkdir -p /nix/store /nix/var/nix ${[...new Set(places.map(dirname))].map(quoted).join(' ')}`,
    `rm -f ${places.map(quoted).join(' ')}`, // it may be a link to somewhere else in the root
    ...Object.entries(files).map(([place, text]) => `printf %s ${quoted(text)} > ${quoted(place)}`),
    `chmod 644 ${Object.keys(files).map(quoted).join(' ')}`,
    ...links.map(([place, target]) => `ln -s ${quoted(target)} ${quoted(place)}`),
    // Sockets of gnupg that every user manager would open.
    'rm -rf /etc/systemd/user/sockets.target.wants',
    `chown -R ${uid}:${uid} /nix`,
    `rm ${recipe.removed.map(quoted).join(' ')}`,
  ].join('\n');
}
