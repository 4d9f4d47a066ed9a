import { busScript } from './bus-script.ts';

/** Bash: asks the user manager and podman, and tells whether their answers show a change. */
export const managerAndPodmanScript = String.raw`${busScript}
cd /
set -f
socket=$XDG_RUNTIME_DIR/podman/podman.sock
section() { printf '\n@@ %s\n' "$1"; }

ask_manager() {
  local answer
  answer=$(ask_bus) && { environment=\${answer%%$'\n'*} units=\${answer#*$'\n'} manager=running; return; }
  units= environment=
  manager=$(systemctl is-active "$manager_unit" 2>/dev/null)
  case $manager in inactive|failed) manager=down;; esac
}

quiet_manager() {
  case $manager in
    running) [[ $units != */systemd1/job/* && $units != *'"activating"'* && $units != *'"deactivating"'* && $units != *'"reloading"'* ]];;
    down) [ $must_be_up = 0 ];;
    *) false;;
  esac
}

# The socket answers in a fifth of the time (facts-debian13 F101), but only while the manager runs: first the lists of
# containers, networks, pods and volumes, one line each, then each container that may have changed since the last look.
see_containers() {
  local base=/v5.0.0/libpod answer urls=() keys=() torn=no
  if [ "$manager" = running ] && [ -S "$socket" ] \
    && answer=$(ask_podman "$base/containers/json?all=true" "$base/networks/json" "$base/pods/json" "$base/volumes/json") \
    && [ "\${answer:0:1}" = '[' ]; then
    printf '%s\n' "$answer"
    read_list "\${answer%%$'\n'*}"
    [ \${#urls[@]} = 0 ] || ask_podman "\${urls[@]}" || torn=yes
    [ "\${own-}" = '' ] || [ \${#keys[@]} = 0 ] || { section keys; printf '%s\n' "\${keys[@]}"; }
  else
    ask_command
  fi
  [ $torn = no ] || section torn
}

# The bodies of podman's answers, one after the other. curl takes twice the processor time of this, most of it to load its
# libraries (facts.md F180); perl is there for the way in. An answer is whole where its last chunk, or all of its length, came.
ask_podman() { perl -e "$over_http" "$socket" "$@"; }
over_http='
$SIG{ALRM} = sub { exit 28 };
alarm 10;
$socket = pack "S a108", 1, shift;
for $path (@ARGV) {
  socket S, 1, 1, 0 and connect S, $socket or exit 7;
  syswrite S, "GET $path HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n" or exit 55;
  $answer = "";
  1 while sysread S, $answer, 262144, length $answer;
  $at = index($answer, "\r\n\r\n") + 4;
  exit 52 if $at < 4;
  if (substr($answer, 0, $at) =~ /^content-length: *(\d+)/mi) {
    exit 18 if length($answer) != $at + $1;
    print substr $answer, $at;
    next;
  }
  for (;;) {
    $end = index $answer, "\r\n", $at;
    exit 18 if $end < 0;
    $size = hex substr $answer, $at, $end - $at;
    last if $size == 0;
    $at = $end + 4 + $size;
    exit 18 if $at > length $answer;
    print substr $answer, $end + 2, $size;
  }
}
'

# The key of a container is all that changes of it in the list; the array known has the keys of the last look, for running
# containers, each with its conmon. If both are unchanged and the processes exist, the container is not asked for again.
declare -A known
read_list() {
  local word key= pid=
  for word in $(grep -oE '"Id":"[0-9a-f]{64}"|"(Names|Networks)":\[[^]]*\]|"(Pid|Restarts|StartedAt)":-?[0-9]+|"(State|Status)":"[^"]*"' <<<"$1") '"Id"'; do
    case $word in
      '"Id"'*)
        if [ -n "$key" ]; then
          key=\${key//[]\"[]/}
          keys+=("$key")
          is_known || urls+=("$base/containers/\${key%% *}/json")
        fi
        key=\${word:6:64} pid=;;
      '"Pid"'*) pid=\${word#*:} key+=" $word";;
      *) key+=" $word";;
    esac
  done
}

is_known() { local monitor=\${known[$key]-}; [ -n "$monitor" ] && [ -e "/proc/$monitor" ] && [ -e "/proc/$pid" ]; }

# Whether the runtime directory is gone: logind removes it some time after the user manager, perhaps while podman is asked.
is_homeless() { [ ! -w "$XDG_RUNTIME_DIR" ] && echo '@@ homeless'; }

list_of() {
  local list='[]'
  [ "\${own-}" != yes ] || list=$(podman "$1" ls --format json | tr -d '\n')
  printf '%s\n' "\${list:-[]}"
}

# In podman's words, and what tells a manager that was killed from a runtime directory that was left over (facts.md F103).
say_why_blind() {
  local made=no
  echo '@@ blind'
  podman ps 2>&1 | tail -n 3
  mountpoint -q "$XDG_RUNTIME_DIR" && made=yes
  echo "the user manager: $manager; its runtime directory is mounted: $made; podman's pause process was there before: $had"
}

ask_command() {
  is_homeless && return
  local pause=$XDG_RUNTIME_DIR/libpod/tmp/pause.pid had=no ids seen try=0
  [ -e "$pause" ] && kill -0 "$(<"$pause")" 2>/dev/null && had=yes
  # If conmons ended together with the manager, podman fails until logind has removed the runtime directory.
  until ids=$(podman ps -aq --no-trunc); do
    is_homeless && return
    [ $((++try)) -lt 40 ] || { say_why_blind; break; }
    sleep 0.25
  done
  # Networks and volumes are needed if own compose files declare more of them than their names.
  echo '[]'
  list_of network
  echo '[]'
  list_of volume
  [ -z "$ids" ] || seen=$(podman container inspect $ids)
  printf '%s\n' "$seen"
  is_homeless && return
  # podman leaves a process that holds its namespaces; without a manager nothing would end it.
  [ $had = yes ] || [ ! -e "$pause" ] || kill "$(<"$pause")" 2>/dev/null
}

`.replaceAll('\\${', '${');
