import { Sick } from '../../../models/host.ts';
import type { HostProfile } from '../deployment.ts';
import type { Operator } from '../paths.ts';
import type { Channel } from '../transport/channel.ts';
import { quoted } from '../transport/quote.ts';
import type { OwnHost } from './own-host.ts';
import { programIn } from './program.ts';
import { servedAt } from './registry/probe-registry.ts';

/** What a machine of one's own says about itself; one script that changes nothing asks for it. */
export interface OwnHostFacts {
  readonly operator: Operator;
  /** Differs between machines of the same name (man machine-id). */
  readonly machineId: string;
  readonly bootId: string;
  readonly hostname: string;
  /** Whether stackfuzz itself runs in a session of the operator's: such a session ends with the operator's user slice. */
  readonly inSession: boolean;
  readonly lingers: boolean;
  /** The state of the user manager, in systemd's words: running, degraded … */
  readonly manager: string;
  /** Null if the program is missing. */
  readonly podman: string | null;
  readonly providers: readonly string[];
  readonly isNixos: boolean;
  readonly hasNix: boolean;
  /** Whether the profile's generations exist: `no place` means that their directory does not exist either. */
  readonly generation: 'there' | 'none' | 'no place';
  /** Tags in the repository of the probe image; null if the registry does not answer. */
  readonly tags: readonly string[] | null;
  /** Whether the directory exists in which, by the hosts file, the registry keeps its tags. */
  readonly seesTags: boolean;
  /** Whether something listens on the port on which stackfuzz is to serve the probe images. */
  readonly isPortTaken: boolean;
  /** The program from which stackfuzz would make the probe images; empty if it is not to make them. */
  readonly imagesMadeOf: string;
  /** Directories of podman's configuration that are links; stackfuzz does not follow them. */
  readonly linked: readonly string[];
  /** Containers that are not under test and that `podman auto-update` would also update. */
  readonly othersUpdated: readonly string[];
  /** Unit files of all stacks, by path, and the names of all projects that have containers, whoever they belong to. */
  readonly stackUnits: readonly string[];
  /** Which programs of the hosts file's commands exist. */
  readonly programs: readonly string[];
  readonly projects: readonly string[];
  /** Ports on which something listens: `8080/tcp`. */
  readonly listening: readonly string[];
  /** Subnets of podman's networks, and of the machine's own, in CIDR notation. */
  readonly subnets: readonly string[];
}

/** Programs that stackfuzz's scripts need on a machine. */
const needed = ['perl', 'bash', 'curl', 'find', 'grep', 'sed', 'busctl', 'systemctl', 'journalctl'];

/** Bash, as the operator. */
const factsScript = (host: OwnHost, profile: HostProfile): string => {
  const [registry = '', ...repository] = host.probe.image.split('/');
  const scheme = /^(localhost|127\.)/.test(registry) ? 'http' : 'https';
  const port = host.probe.serve ? servedAt(host.probe.image)?.port : undefined;
  const tilde = (path: string): string => (path.startsWith('~') ? `"$HOME"${quoted(path.slice(1))}` : quoted(path));
  return `set +e
export LC_ALL=C
say() { printf '%s=%s\\n' "$1" "\${2//$'\\n'/ }"; }
say name "$(id -un)"; say uid "$(id -u)"; say home "$HOME"
say machineId "$(cat /etc/machine-id)"; say bootId "$(cat /proc/sys/kernel/random/boot_id)"; say hostname "$(cat /proc/sys/kernel/hostname)"
grep -q "/user-$(id -u).slice/" /proc/self/cgroup && say inSession yes
say linger "$(loginctl show-user -P Linger "$(id -un)" 2>/dev/null)"
say manager "$(systemctl --user is-system-running 2>/dev/null)"
for program in ${needed.join(' ')}; do command -v "$program" > /dev/null || say lacks "$program"; done
say podman "$(podman --version 2>/dev/null)"
{ docker-compose version || docker compose version; } > /dev/null 2>&1 && say provider docker-compose
command -v podman-compose > /dev/null && say provider podman-compose
[ -e /etc/NIXOS ] && say nixos yes
{ command -v nix || command -v nix-store; } > /dev/null && say nix yes
profile=${tilde(profile.state.profile)}
if [ -e "$profile" ]; then say generation there; elif [ -d "\${profile%/*}" ]; then say generation none; else say generation 'no place'; fi
say tags "$(curl -sf -m 5 ${quoted(`${scheme}://${registry}/v2/${repository.join('/')}/tags/list`)})"
[ -d ${tilde(host.probe.tags ?? '/nowhere')} ] && say seesTags yes
podman ps -a --format '{{.Names}} {{index .Labels "com.docker.compose.project"}} {{index .Labels "io.containers.autoupdate"}}' 2> /dev/null |
  while read -r name project update; do
    [ -z "$project" ] || say project "$project"
    [[ -z $update || $project == ${host.prefix}* ]] || say updated "$name"
  done
${port === undefined ? '' : `timeout 3 bash -c 'exec 3<> /dev/tcp/127.0.0.1/${port}' 2> /dev/null; case $? in 0 | 124) say port taken ;; esac\nfor program in tar sha256sum; do command -v "$program" > /dev/null || say lacks "$program"; done\ncommand -v busybox > /dev/null || command -v ldd > /dev/null || say lacks 'busybox or ldd'\nif command -v busybox > /dev/null; then say madeOf 'its busybox'; else say madeOf 'its bash and coreutils'; fi\nfor place in ~/.config/containers ~/.config/containers/registries.conf.d; do [ ! -L "$place" ] || say linked "$place"; done`}
for kind in tcp tcp6 udp udp6; do
  # The second column is the local address; tcp listens in state 0A, and a bound udp socket is in 07.
  while read -r _ local _ state _; do
    case $kind-$state in tcp*-0A | udp*-07) say listening "$((16#\${local##*:}))/\${kind%6}" ;; esac
  done < <(tail -n +2 "/proc/net/$kind" 2> /dev/null)
done
networks=$(podman network ls -q 2> /dev/null)
for subnet in $([ -z "$networks" ] || podman network inspect --format '{{range .Subnets}}{{.Subnet}} {{end}}' $networks 2> /dev/null); do say subnet "$subnet"; done
shopt -s nullglob
for unit in ~/.config/systemd/user/*-stack.service /etc/systemd/user/*-stack.service; do say unit "$unit"; done
for program in ${programsOf(host).map(tilde).join(' ')}; do type -t "$program" > /dev/null && say program "$program"; done
say end yes`;
};

/** Asks a machine. @throws Sick if its answer is not complete */
export async function factsOf(channel: Channel, host: OwnHost, profile: HostProfile): Promise<OwnHostFacts & Lacking> {
  const ran = await channel.run(factsScript(host, profile), { timeoutMs: 60_000 });
  const lines = ran.stdout.split('\n').map(line => line.split(/=(.*)/s, 2) as [string, string | undefined]);
  const all = (key: string): readonly string[] =>
    lines.flatMap(([name, value]) => (name === key && value !== undefined && value !== '' ? [value] : []));
  const one = (key: string): string => all(key)[0] ?? '';
  if (one('end') !== 'yes')
    throw new Sick(`${host.name} broke off while it was asked what it has; it said:\n${ran.stdout}${ran.stderr}`);
  const generation = one('generation');
  return {
    operator: { name: one('name'), uid: Number(one('uid')), home: one('home') },
    machineId: one('machineId'),
    bootId: one('bootId'),
    hostname: one('hostname'),
    inSession: one('inSession') === 'yes',
    lingers: one('linger') === 'yes',
    manager: one('manager'),
    podman: one('podman') === '' ? null : one('podman').replace(/^podman version /, ''),
    providers: all('provider'),
    isNixos: one('nixos') === 'yes',
    hasNix: one('nix') === 'yes',
    generation: generation === 'there' || generation === 'none' ? generation : 'no place',
    tags: tagsIn(one('tags')),
    seesTags: one('seesTags') === 'yes',
    isPortTaken: one('port') === 'taken',
    imagesMadeOf: one('madeOf'),
    linked: all('linked'),
    othersUpdated: all('updated'),
    stackUnits: all('unit'),
    projects: [...new Set(all('project'))],
    listening: [...new Set(all('listening'))],
    subnets: all('subnet'),
    programs: programsOf(host).filter(program =>
      all('program').some(said => said === program || said.endsWith(program.slice(1))),
    ),
    lacking: all('lacks'),
  };
}

const programsOf = ({ commands }: OwnHost): readonly string[] =>
  commands === 'profile' ? [] : Object.values(commands).flatMap(({ run }) => programIn(run) ?? []);

/** Programs that are missing. */
export interface Lacking {
  readonly lacking: readonly string[];
}

function tagsIn(answer: string): readonly string[] | null {
  try {
    return (JSON.parse(answer) as { tags?: readonly string[] | null }).tags ?? [];
  } catch {
    return null;
  }
}
