import { searchPath, unitOf } from '../../../models/search-path.ts';
import { placeOf } from '../paths.ts';
import { quoted } from '../quote.ts';
import type { Setting } from '../setting.ts';

/** How long to wait, and for what. */
export interface Patience {
  /** Seconds until a look is taken whether the machine has come to rest or not. */
  readonly seconds: number;
  /** Whether a user manager that is down counts as one that is still coming up. */
  readonly mustBeUp: boolean;
}

/** What of each unit is asked of the user manager. */
const properties =
  'Id,LoadState,FragmentPath,DropInPaths,UnitFileState,NeedDaemonReload,ActiveState,SubState,Result,Environment,ActiveEnterTimestampMonotonic';

/**
 * One script for settling and looking, so that both are one call however many stacks there are: the user manager is
 * asked for jobs, then everything is looked at, then it is asked again (a job can be queued in between: facts-debian13
 * F99). Where either answer shows movement, the look does not count and the machine is given time. It runs after every
 * step, so it starts few processes, and reads no long text with bash's `read` or `//`, which are slow.
 * @param known ids of the containers that are probably still there
 */
export function lookScript(
  { profile, operator }: Setting,
  stacks: readonly string[],
  patience: Patience,
  known: readonly string[] = [],
): string {
  const { state } = profile;
  const place = (path: string) => quoted(placeOf(path, operator));
  return `
bound=${patience.seconds} must_be_up=${Number(patience.mustBeUp)} uid=${operator.uid}
export LC_ALL=C HOME=${quoted(operator.home)} XDG_RUNTIME_DIR=/run/user/$uid
export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
directories=(${searchPath.map(place).join(' ')})
declared=(${stacks.map(stack => quoted(unitOf(stack))).join(' ')})
properties=${properties}
known=(${known.map(id => `${id}/json`).join(' ')})
link=${quoted(state.link)} declaration=${quoted(state.declaration)} tree=${quoted(state.tree)}
profile=${place(state.profile)} home=${place(state.home)}
${body}`;
}

/** Everything that does not depend on the profile. */
const body = String.raw`
cd /
set -f
socket=$XDG_RUNTIME_DIR/podman/podman.sock
section() { printf '\n@@ %s\n' "$1"; }

ask_manager() {
  units=$(busctl --user --json=short --timeout=5 call org.freedesktop.systemd1 /org/freedesktop/systemd1 \
    org.freedesktop.systemd1.Manager ListUnits 2>/dev/null) && { manager=running; return; }
  units=
  manager=$(systemctl is-active "user@$uid.service" 2>/dev/null)
  case $manager in inactive|failed) manager=down;; esac
}

quiet_manager() {
  case $manager in
    running) [[ $units != */systemd1/job/* && $units != *'"activating"'* && $units != *'"deactivating"'* && $units != *'"reloading"'* ]];;
    down) [ $must_be_up = 0 ];;
    *) false;;
  esac
}

# The socket answers in a fifth of the time (facts-debian13 F101), but only while the manager holds it. Containers
# that were there at the last look are asked for together with the list, so that one curl does.
see_containers() {
  local url=http://d/v5.0.0/libpod/containers answer id urls=() pace=quiet
  if [ "$manager" = running ] && [ -S "$socket" ] \
    && answer=$(ask_podman "$url/json?all=true" "\${known[@]/#/$url/}") \
    && [[ $answer == '['* ]]; then
    printf '%s\n' "$answer"
    read_list "\${answer%%$'\n'*}"
    [ \${#urls[@]} = 0 ] || ask_podman "\${urls[@]}"
  else
    ask_command
  fi
  printf '\n@@ %s' $pace
}

ask_podman() { curl -s -m 10 --unix-socket "$socket" "$@"; }

# Words of the list: states that pass, and the containers that were not asked for yet.
read_list() {
  local IFS='"' words at
  words=($1)
  for at in "\${!words[@]}"; do
    case \${words[at]} in
      Id)
        id=\${words[at + 2]}
        [[ " \${known[*]} " == *"$id/json"* ]] || urls+=("$url/$id/json");;
      State)
        case \${words[at + 2]} in
          stopping|restarting) pace=moving;;
          stopped) [ $pace = moving ] || pace=halted;;
          running) [ "\${words[at + 6]}" != starting ] || pace=moving;;
        esac;;
    esac
  done
}

ask_command() {
  local pause=$XDG_RUNTIME_DIR/libpod/tmp/pause.pid had=no ids seen
  [ -e "$pause" ] && kill -0 "$(<"$pause")" 2>/dev/null && had=yes
  echo '[]'
  ids=$(podman ps -aq --no-trunc) || echo '@@ blind'
  [ -z "$ids" ] || seen=$(podman container inspect $ids)
  printf '%s\n' "$seen"
  case $seen in *'"Status": "stopping"'*|*'"Status": "restarting"'*) pace=halted;; esac
  # podman leaves a process behind that holds its namespaces; without a manager nobody would own it.
  [ $had = yes ] || [ ! -e "$pause" ] || kill "$(<"$pause")" 2>/dev/null
}

see_files() {
  found=$(find "\${directories[@]}" -mindepth 1 -maxdepth 2 \( -name '*-stack.service' -o -path '*-stack.service.d/*.conf' \
    -o -path '*/service.d/*.conf' -o -path '*-.service.d/*.conf' \) -printf '%y\t%p\t%l\n' 2>/dev/null)
  section files
  printf '%s\n' "$found"
  local kind path target name paths=()
  names=()
  declare -A trees=()
  while IFS=$'\t' read -r kind path target; do
    [ -n "$path" ] || continue
    [ "$kind" = d ] || paths+=("$path")
    name=\${path##*/}
    case $path in
      *-stack.service) names+=("$name");;
      *-stack.service.d/*) name=\${path%.d/*}; names+=("\${name##*/}");;
    esac
    [[ $target =~ $link ]] && trees[\${BASH_REMATCH[1]}]=1
  done <<<"$found"
  section definitions
  [ \${#paths[@]} = 0 ] || grep -sH -d skip -E 'STACK_(REVISION|MARKER)=' "\${paths[@]}"
  section trees
  for path in "\${!trees[@]}"; do show_declaration "$path"; done
}

show_declaration() {
  local text
  [ -r "$1/$declaration" ] && mapfile -d "" text <"$1/$declaration" && printf '%s\t%s\n' "$1" "\${text[0]//$'\n'/ }"
}

see_units() {
  [ "$manager" = running ] || return
  local IFS='"' name
  declare -A wanted=()
  for name in "\${declared[@]}" "\${names[@]}"; do wanted[$name]=1; done
  for name in $units; do
    case $name in *-stack.service) wanted[$name]=1;; esac
  done
  section units
  systemctl --user show -p "$properties" -- "\${!wanted[@]}"
}

look() {
  local pipe
  exec {pipe}< <(see_containers)
  see_files
  section profile; show_declaration "$profile/$tree"
  section home; show_declaration "$home/$tree"
  see_units
  section containers
  cat <&$pipe
}

# A container stays "stopped" where what should have cleaned up after it was killed together with the manager; podman ps
# calls it exited. What is still so after twenty looks will stay so.
quiet_containers() {
  case \${seen##*$'\n'} in
    '@@ quiet') halts=0;;
    '@@ halted') [ $((++halts)) -gt 20 ];;
    *) halts=0; false;;
  esac
}

halts=0
while :; do
  late=$((SECONDS >= bound))
  ask_manager
  if [ $late = 1 ] || quiet_manager; then
    seen=$(look)
    ask_manager
    rested=no
    quiet_containers && quiet_manager && rested=yes
    [ $rested = yes ] || [ $late = 1 ] && break
  fi
  sleep 0.05
done
section rested; echo "$rested $manager $EPOCHSECONDS"
printf '%s\n' "$seen"
section listing; printf '%s\n' "$units"
`.replaceAll('\\${', '${');
