import { searchPath } from '../../models/machine/search-path.ts';
import { type Operator, placeOf } from '../hosts/paths.ts';
import { managerAndPodmanScript } from '../hosts/real/observe/manager-and-podman-script.ts';
import { quoted } from '../hosts/transport/quote.ts';

/** What of each service unit is asked of the user manager. */
const properties = [
  ...['Id', 'LoadState', 'ActiveState', 'SubState', 'Result', 'FragmentPath', 'DropInPaths', 'UnitFileState'],
  ...['NeedDaemonReload', 'Type', 'RemainAfterExit', 'ExecStart', 'Environment', 'WorkingDirectory'],
  ...['ActiveEnterTimestamp', 'Transient'],
].join(',');

/** What a script that runs containers says somewhere: the same words as in `runsContainers`, as grep has them. */
const composeWords =
  '(podman|docker)([[:space:]]+|-)compose|podman[[:space:]]+(kube|play|pod)[[:space:]]|podman[[:space:]]+run[[:space:]]';

/**
 * One script, as the operator, that reads all that an audit needs and writes nothing: a fixed number of processes however many
 * stacks there are. A user manager that is down is not woken, and podman is not asked then: it would make a runtime directory.
 * The answer is packed where gzip is there, because 60 containers' inspections are more than a channel carries.
 */
export function auditScript(operator: Operator): string {
  const usual = searchPath.map(path => quoted(placeOf(path, operator))).join(' ');
  return `
uid=${operator.uid}
export LC_ALL=C HOME=${quoted(operator.home)} XDG_RUNTIME_DIR=/run/user/${operator.uid}
export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
usual=(${usual}) properties=${properties} words=${quoted(composeWords)} operator=${quoted(operator.name)}
${managerAndPodmanScript}${gathering}`;
}

const gathering = String.raw`
# Each answer on one line, as the socket gives them: containers, networks, pods, volumes, images; then each container.
see_podman() {
  [ "$manager" = running ] || return
  local base=/v5.0.0/libpod images
  if [ -S "$socket" ] && images=$(ask_podman "$base/images/json") && [[ $images == '['* ]]; then
    printf '%s\n' "$images"
    see_containers
    return
  fi
  command -v podman > /dev/null || { echo '@@ blind'; echo 'there is no podman in PATH'; return; }
  local pause=$XDG_RUNTIME_DIR/libpod/tmp/pause.pid had=no out ids i n p v
  [ -e "$pause" ] && kill -0 "$(<"$pause")" 2>/dev/null && had=yes
  exec {i}< <(podman images --format json) {n}< <(podman network ls --format json) {p}< <(podman pod ps --format json) \
    {v}< <(podman volume ls --format json)
  ids=$(podman ps -aq --no-trunc) || { echo '@@ blind'; podman ps 2>&1 | tail -n 3; return; }
  for out in "$i" "$n" "$p" "$v"; do
    case $out in "$n") echo '[]';; esac
    tr -d '\n' <&"$out"; echo
  done
  [ -z "$ids" ] || podman container inspect $ids
  [ $had = yes ] || [ ! -e "$pause" ] || kill "$(<"$pause")" 2>/dev/null
}

# Unit files, drop-ins and the links by which targets want units; what packages bring along is of no interest to grep.
see_disk() {
  local directory there=() path found place leaves=()
  for directory in "\${directories[@]}"; do [ ! -d "$directory" ] || there+=("$directory"); done
  section directories
  [ \${#there[@]} = 0 ] || { printf '%s\n' "\${there[@]}"; readlink -m -- "\${there[@]}"; }
  section files
  found=$(find -H "\${there[@]}" -mindepth 1 -maxdepth 2 \( -name '*.service' -o -path '*service.d/*.conf' \) \
    -printf '%y\t%Y\t%s\t%C@\t%T@\t%p\t%l\n' 2>/dev/null)
  printf '%s\n' "$found"
  local links=() texts=() kind to rest
  while IFS=$'\t' read -r kind to rest; do
    rest=\${rest#*$'\t'} rest=\${rest#*$'\t'} rest=\${rest#*$'\t'} path=\${rest%%$'\t'*}
    case $path in ''|/usr/*) continue;; esac
    [ "$kind" != l ] || links+=("$path")
    case $path in
      *.wants/*|*.requires/*|*@.service) continue;;
      *.service.d/*) ;;
      *.service) [ "$kind" = d ] || names[\${path##*/}]=1;;
    esac
    [ "$to" != f ] || texts+=("$path")
  done <<<"$found"
  section real
  [ \${#links[@]} = 0 ] || { printf '%s\n' "\${links[@]}"; readlink -m -- "\${links[@]}"; }
  section trees
  for tree in "\${trees[@]}"; do
    place=$(readlink -e -- "\${tree#*=}") || continue
    printf '%s\t%s\n' "\${tree%%=*}" "$place"
    found=$(find "$place" -mindepth 1 -maxdepth 2 \( -name '*.service' -o -path '*service.d/*.conf' \) -printf '%p\n' 2>/dev/null)
    [ -n "$found" ] || continue
    leaves=()
    while IFS= read -r path; do
      leaves+=("$path")
      case $path in
        *.service.d/*|*.wants/*|*.requires/*|*@.service) ;;
        *.service) names[\${path##*/}]=1; texts+=("$path");;
      esac
    done <<<"$found"
    printf '\t%s\n' "\${leaves[@]}"
    readlink -m -- "\${leaves[@]}"
  done
  section texts
  [ \${#texts[@]} = 0 ] || grep -sH -d skip -E '^(ExecStart|Environment|WantedBy|RequiredBy|Type|RemainAfterExit|WorkingDirectory)[[:space:]]*=' "\${texts[@]}"
}

see_services() {
  local IFS='"' name
  for name in $units; do
    case $name in
      *[!0-9a-zA-Z:_.@\\-]*) ;;
      *.service) [[ $name =~ ^[0-9a-f]{64} ]] || names[$name]=1;;
    esac
  done
  section units
  [ "$manager" != running ] || [ \${#names[@]} = 0 ] || shown=$(systemctl --user show --timestamp=unix -p "$properties" -- "\${!names[@]}")
  printf '%s\n' "$shown"
}

# In which unit's control group each container's monitor is: it tells whose a container without a label is.
see_monitors() {
  local pid paths=()
  while IFS= read -r pid; do paths+=("/proc/\${pid##*[!0-9]}/cgroup"); done < <(grep -oE '"ConmonPid": ?[1-9][0-9]*' <<<"$podman")
  section monitors
  [ \${#paths[@]} = 0 ] || grep -sH . -- "\${paths[@]}"
}

# What the units run, where that is a script, and the compose files that units and containers name.
see_definitions() {
  local line word default
  declare -A is_script=() is_file=()
  while IFS= read -r line; do
    case $line in
      ExecStart=*)
        line=\${line#*path=}
        case \${line%% *} in /usr/bin/podman|/usr/bin/docker-compose|/bin/true) ;; /*) is_script[\${line%% *}]=1;; esac
        for word in $line; do case $word in /*.yml|/*.yaml) is_file[$word]=1;; esac; done;;
      WorkingDirectory=*)
        line=\${line#*=} line=\${line#!}
        [ -z "$line" ] || [ "$line" = "$HOME" ] || for default in compose.yaml compose.yml docker-compose.yaml docker-compose.yml; do
          [ ! -f "$line/$default" ] || is_file[$line/$default]=1
        done;;
    esac
  done <<<"$shown"
  section scripts
  [ \${#is_script[@]} = 0 ] || grep -lsIE -- "$words" "\${!is_script[@]}"
  while IFS= read -r word; do
    word=\${word#*\":*\"}
    local IFS=,
    for line in $word; do case $line in /*) is_file[$line]=1;; esac; done
    unset IFS
  done < <(grep -oE '"com.docker.compose.project.config_files": ?"[^"]*' <<<"$podman")
  section compose
  [ \${#is_file[@]} = 0 ] || { stat -L -c '%Y %n' -- "\${!is_file[@]}"; head -v -c 262144 -- "\${!is_file[@]}"; } 2>/dev/null
}

all() {
  local podman shown= pipe tree
  declare -A names=()
  section clock; echo "$EPOCHSECONDS"
  ask_manager
  section manager; echo "$manager"
  section linger; [ ! -e "/var/lib/systemd/linger/$operator" ] || echo yes
  exec {pipe}< <(see_podman)
  directories=()
  section state
  if [ "$manager" = running ]; then
    tree=$(systemctl --user show --timestamp=unix -p UnitPath -p SystemState -p UnitsLoadTimestamp)
    printf '%s\n' "$tree"
    tree=\${tree#*UnitPath=}
    IFS=' ' read -ra directories <<<"\${tree%%$'\n'*}"
  fi
  [ \${#directories[@]} != 0 ] || directories=("\${usual[@]}")
  trees=("$HOME/.config/systemd/user=$HOME/.local/state/home-manager/gcroots/current-home/home-files/.config/systemd/user"
    "/etc/systemd/user=/run/current-system/etc/systemd/user")
  see_disk
  see_services
  podman=$(cat <&$pipe)
  see_definitions
  see_monitors
  section podman; printf '%s\n' "$podman"
  section pids; set +f; echo /proc/[0-9]*; set -f
  section timers; grep -oE '"[0-9a-f]{64}[^"]*\.timer"' <<<"$units" | sort -u
  section end
}

if command -v gzip > /dev/null; then echo packed; all | gzip -1 | base64 -w 0; else all; fi
`.replaceAll('\\${', '${');
