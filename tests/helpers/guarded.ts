import { expect } from 'vitest';
import type { GuardedHost } from '../../src/hosts/own/guard/settings.ts';
import type { Channel } from '../../src/hosts/transport/channel.ts';

/** For tests: a lab machine as a machine of one's own; the stack `web` is under test, `duo` may be affected. */
export const guardedHost = (given: Partial<GuardedHost> = {}): GuardedHost => ({
  name: 'somebody',
  operator: 'homelab',
  prefix: 'web',
  root: true,
  unattended: 600,
  wide: true,
  production: ['prod-*', 'doc1'],
  expendable: ['duo*'],
  kept: {
    operator: [
      '~/.config/systemd',
      '~/.config/stackfuzz/declaration.json',
      '~/.config/containers/systemd',
      '~/.local/share/systemd',
      '~/.local/share/stackfuzz',
      '~/.local/state/home-manager/gcroots/current-home',
      '~/secrets',
      '~/drift',
      '%t/systemd/user',
      '%t/systemd/user.control',
    ],
    root: [
      '/etc/systemd/user',
      '/etc/systemd/system/home-manager-homelab.service',
      '/nix/var/nix/profiles/system',
      '/nix/var/nix/profiles/system-*-link',
      '/var/lib/stackfuzz/profile',
      '/var/lib/stackfuzz/wanted',
      '/var/lib/stackfuzz/wanted.new',
    ],
    systemUnits: ['docker-registry.service', 'home-manager-homelab.service'],
    watched: [],
    rebuild: null,
    repositories: ['localhost:5000/probe'],
    registries: ['http://localhost:5000/v2/probe'],
  },
  ...given,
});

/** Bash, as root: prints everything on a machine that a run may change, without using the guard. */
const everything = `cd /
find -P /home/homelab /etc/systemd/user /etc/systemd/system /nix/var/nix/profiles /var/lib/stackfuzz /run/user/1500/systemd/user /run/user/1500/systemd/user.control \\
  \\( -path /home/homelab/.local/share/containers -o -path /home/homelab/.local/state/stackfuzz -o -path /var/lib/stackfuzz/guard \\) -prune \\
  -o -printf '%y %m %U:%G %p %l\\n' 2> /dev/null | sort
find -P /home/homelab /etc/systemd/user /etc/systemd/system /var/lib/stackfuzz \\( -path /home/homelab/.local/share/containers \\
  -o -path /home/homelab/.local/state/stackfuzz -o -path /var/lib/stackfuzz/guard \\) -prune -o -type f -print0 2> /dev/null | sort -z | xargs -0 -r sha256sum`;

/** Bash: what runs there, by podman and systemd. */
const running = `podman ps -a --format '{{.Names}} {{.ImageID}} {{.State}} {{index .Labels "PODMAN_SYSTEMD_UNIT"}}' | sort
podman network ls --format '{{.Name}}' | sort
systemctl --user show -p Id,ActiveState,UnitFileState,FragmentPath,DropInPaths,NeedDaemonReload 'web-stack.service' 'duo-stack.service'
systemctl --user list-units --all --plain --no-legend 'web*' 'stackfuzz*' | cut -d ' ' -f 1`;

/** All files of a machine that a run may change. */
export async function filesOf(channel: Channel): Promise<string> {
  const files = await channel.run(everything, { as: 'root' });
  expect(files.status).toBe(0);
  return files.stdout;
}

/** All files that a run may change, and what runs. */
export async function snapshotOf(channel: Channel): Promise<string> {
  const runs = await channel.run(running);
  expect(runs.status).toBe(0);
  return `${await filesOf(channel)}\n${runs.stdout}`;
}
