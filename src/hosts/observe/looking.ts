/** Bash: how files and units are looked at, and the loop of looks until the machine is at rest. */
export const looking = String.raw`
see_files() {
  local there=() directory
  for directory in "\${directories[@]}"; do [ ! -d "$directory" ] || there+=("$directory"); done
  found=$(find "\${there[@]}" -mindepth 1 -maxdepth 2 \( -name '*-stack.service' -o -path '*-stack.service.d/*.conf' \
    -o -path '*/service.d/*.conf' -o -path '*-.service.d/*.conf' \) -printf '%y\t%p\t%l\n' 2>/dev/null) || section torn
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
  systemctl --user show -p "$properties" -- "\${!wanted[@]}" || section torn
}

# Mounts that podman made for a container, by its id, in the name space that it keeps for them; and temporary files.
see_traces() {
  local line pause
  section mounts
  pause=$XDG_RUNTIME_DIR/libpod/tmp/pause.pid
  if [ -e "$pause" ] && [ -r "/proc/$(<"$pause")/mountinfo" ]; then
    grep -oE 'overlay-containers/[0-9a-f]{64}/userdata/shm' "/proc/$(<"$pause")/mountinfo"
  fi
  section temporary
  set +f
  for line in /tmp/* /var/tmp/*; do [ ! -e "$line" ] || printf '%s\n' "$line"; done
  set -f
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
  section pids
  set +f; echo /proc/[0-9]*; set -f
  see_traces
}

# Whether podman says of a process that it runs, and it is gone: for a moment after a death, for good after a violent one.
is_lost() {
  local pair pid
  for pair in $(grep -oE '"Status": ?"running",[^{}]*"ConmonPid": ?[0-9]+' <<<"$seen" | grep -oE 'Pid": ?[0-9]+'); do
    pid=\${pair##*:}
    [ "\${pid:-0}" = 0 ] || [[ "$seen " == *"/proc/$pid "* || $seen == *"/proc/$pid"$'\n'* ]] || return 0
  done
  return 1
}

# Whether a container that does not run still has its health timer: podman takes it away a moment after the death.
has_timer() {
  local timers timer running
  timers=$(grep -oE '"[0-9a-f]{64}[^"]*\.timer"' <<<"$units") || return
  running=$(grep -zoE '"Id": ?"[0-9a-f]{64}"[^}]*"Status": ?"running"' <<<"$seen" | tr '\0' '\n')
  for timer in $timers; do
    timer=\${timer:1:64}
    [[ $running != *"$timer"* && $seen == *"\"$timer\""* ]] && return
  done
  return 1
}

# Whether podman may be at a death: what its policy says to run again is exited until then. One that was stopped stays so,
# which takes a second look to tell.
is_restarted() {
  grep -qE '"Status": ?"(exited|stopped)".*"RestartPolicy": ?\{"Name": ?"(always|unless-stopped)"' <<<"$seen" || return
  [ $halts != 0 ] || return 0
  set +f; grep -qsz '^cleanup$' /proc/[0-9]*/cmdline; local is=$?; set -f
  return $is
}

# A container stays "stopped" where what should have cleaned up after it was killed together with the manager; podman ps
# calls it exited. A healthcheck can stay in "starting" for hours. What is still so after twenty looks will stay so.
quiet_containers() {
  case $seen in
    *$'\n@@ moving\n'*) halts=0; false;;
    # Half a look is none: what it looked at may have gone away meanwhile, so it is taken again.
    *$'\n@@ torn\n'*) [ $((++halts)) -gt 20 ];;
    *$'\n@@ halted\n'*) [ $((++halts)) -gt 20 ];;
    *) if is_lost || has_timer || is_restarted; then [ $((++halts)) -gt 20 ]; else halts=0; fi;;
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
