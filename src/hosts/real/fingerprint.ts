import type { Ran } from '../transport/channel.ts';

/** One script that prints which versions are under test, one `name=version` per line. */
export const fingerprintScript = `
first() { "$@" 2>/dev/null | head -n 1 | grep -oE '[0-9]+(\\.[0-9]+)+[^ ,()]*|[0-9]+' | head -n 1; }
echo "systemd=$(first systemctl --version)"
echo "podman=$(first podman --version)"
echo "docker-compose=$(first docker-compose version --short || first docker compose version --short)"
echo "podman-compose=$(podman-compose --version 2>/dev/null | sed -n 's/^podman-compos[a-z]* version:* *//p' | head -n 1)"
echo "nix=$(first nix --version)"
echo "crun=$(first crun --version)"
echo "kernel=$(uname -r)"
. /etc/os-release
echo "os=$PRETTY_NAME"`;

/** The versions that were printed; programs that the machine lacks are left out. */
export function fingerprintIn({ stdout }: Ran): Readonly<Record<string, string>> {
  const pairs = stdout.split('\n').map(line => line.split(/=(.*)/s, 2));
  return Object.fromEntries(pairs.filter(([name, version]) => name && version));
}
