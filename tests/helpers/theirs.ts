import type { SshMachine } from './ssh-machine.ts';

/** A very small stack: its unit, written by hand, and a container with the labels that compose sets. */
const unit = `[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=podman run -d --replace --name sfweb-app-1 --label com.docker.compose.project=sfweb --label PODMAN_SYSTEMD_UNIT=%n localhost:5000/probe:stable
ExecStop=podman rm -f -t 1 sfweb-app-1
[Install]
WantedBy=default.target
`;

/** For tests: a stack under the prefix of the tests, with a secret, that was on the machine before stackfuzz. */
export async function placeTheirs(machine: SshMachine): Promise<void> {
  await machine.run('mkdir -p /var/lib/stackfuzz /etc/systemd/user; echo 1 > /etc/systemd/user/kept.service');
  await machine.run(
    `mkdir -p ~/.local/state ~/.config/systemd/user ~/secrets; echo 'SFWEB_TOKEN=t0p-secret-of-the-operator' > ~/secrets/sfweb.env
cat > ~/.config/systemd/user/sfweb-stack.service <<'END'\n${unit}END
systemctl --user daemon-reload && systemctl --user enable --now sfweb-stack.service`,
    'operator',
  );
}

/** Everything that a run may change, printed without using the guard. */
const everything = `cd /; for place in /home/homelab /root /etc /var/lib/stackfuzz /nix/var/nix/profiles /run/nixos /usr/lib/systemd/user /usr/share/systemd /run/systemd/user /run/user/1500/systemd /run/user/1500/stack-why; do
find -P "$place" \\( -path /home/homelab/.local/share/containers -o -path /home/homelab/.local/state/stackfuzz -o -path /home/homelab/.cache -o -path /var/lib/stackfuzz/guard -o -path '*/libpod-*.scope' -o -path '*/podman-pause-*.scope' -o -path '*/systemd/inaccessible' -o -path '*/systemd/units' -o -path '*/systemd/propagate' -o -type s \\) -prune -o -printf '%y %m %u %p %l\\n' 2> /dev/null
find -P "$place" \\( -path /home/homelab/.local/share/containers -o -path /home/homelab/.local/state/stackfuzz -o -path /home/homelab/.cache -o -path '*/libpod-*.scope' -o -path '*/podman-pause-*.scope' -o -path /var/lib/stackfuzz/guard \\) -prune -o -type f -print0 2> /dev/null | xargs -0 -r sha256sum 2> /dev/null
done | sort; grep -c ' /etc ' /proc/mounts; ls /var/lib/systemd/linger; systemctl list-units --all --plain --no-legend 'home-manager*' 'nixos-*' stackfuzz-restore.*`;
const running = `podman ps -a --format '{{.Names}} {{.Image}} {{.State}}'; podman images --format '{{.Repository}}:{{.Tag}} {{.ID}}' | grep -v '<none>' | sort; podman network ls -q; podman volume ls -q
systemctl --user show -p ActiveState,FragmentPath,DropInPaths,NeedDaemonReload sfweb-stack.service
systemctl --user list-unit-files --no-legend 'stackfuzz*' 'sf*'`;

/** For tests: the present state of that machine, as text. */
export const seenOn = async (machine: SshMachine): Promise<string> =>
  `${await machine.run(everything)}\n${await machine.run(running, 'operator')}`;
