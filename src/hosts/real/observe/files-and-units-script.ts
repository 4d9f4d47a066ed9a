/** Bash: looks at files and units. */
export const looking = String.raw`
see_files() {
  local there=() directory out
  for directory in "\${directories[@]}"; do [ ! -d "$directory" ] || there+=("$directory"); done
  # What belongs to no stack is printed directly: this shell does not need it.
  section others
  exec {out}>&1
  found=$(find "\${there[@]}" -mindepth 1 -maxdepth 2 \( -name '*-stack.service' -o -path '*-stack.service.d/*.conf' \
    -o -path '*/service.d/*.conf' -o -path '*-.service.d/*.conf' -o -path '*/containers/systemd/*' ! -name '*.d' \
    -o -name default.target \( -xtype l -o -xtype c -o -type f -empty \) \) -printf '%y\t%p\t%l\n' \
    -o ! -type d -fprintf "/proc/self/fd/$out" '%y\t%p\t%l\t%T@\n' 2>/dev/null) || section torn
  exec {out}>&-
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
  local shown
  shown=$(systemctl $scope show -p "$properties" -- "\${!wanted[@]}") || section torn
  printf '%s\n' "$shown"
  see_starts "$shown"
}

# The starts of units since the last look, from the journal, whose entries may come a moment later (facts.md F110).
see_starts() {
  local line name= id= lines asked=() last=() found try
  mapfile -t lines <<<"$1"
  for line in "\${lines[@]}" ''; do
    case $line in
      Id=*) name=\${line#Id=};;
      InvocationID=*) id=\${line#InvocationID=};;
      '')
        if [ -n "$name" ] && [[ $started != *" $name=$id "* ]]; then
          asked+=("$unit_field=$name")
          [ -z "$id" ] || last+=("$id")
        fi
        name= id=;;
    esac
  done
  [ \${#asked[@]} != 0 ] || return
  for try in {1..40}; do
    # The message of a unit that begins to start (sd-messages.h).
    found=$(journalctl --quiet --no-pager --lines=1000 \${first_look:+--since=@$first_look} --output=json --output-fields=$unit_field,$invocation_field \
      MESSAGE_ID=7d4958e842da4a758f6c1cdc7b36dcc5 "\${asked[@]}" 2>/dev/null) || break
    for id in "\${last[@]}"; do [[ $found == *"$id"* ]] || { sleep 0.05; continue 2; }; done
    break
  done
  section starts
  printf '%s\n' "$found"
}

# Mounts that podman made for a container, by its id, in podman's own mount namespace; and temporary files.
see_traces() {
  local line pause
  section mounts
  pause=$XDG_RUNTIME_DIR/libpod/tmp/pause.pid holder=
  [ ! -e "$pause" ] || holder=$(<"$pause")
  # Root's podman needs no name space of its own.
  [ $scope != --system ] || holder=self
  if [ -n "$holder" ] && [ -r "/proc/$holder/mountinfo" ]; then
    grep -oE 'overlay-containers/[0-9a-f]{64}/userdata/shm' "/proc/$holder/mountinfo"
  fi
  section temporary
  set +f
  for line in /tmp/* /var/tmp/*; do [ ! -e "$line" ] || printf '%s\n' "$line"; done
  set -f
}

# What moves while containers come to rest, and nothing else.
glance() {
  section containers
  see_containers
  section pids
  set +f; echo /proc/[0-9]*; set -f
}

look() {
  local pipe containers
  exec {pipe}< <(see_containers)
  see_files
  section profile; show_declaration "$profile/$tree"
  section home; show_declaration "$home/$tree"
  see_units
  section containers
  containers=$(</proc/self/fd/$pipe)
  printf '%s\n' "$containers"
  section pids
  set +f; echo /proc/[0-9]*; set -f
  see_traces
  see_surroundings
  see_effects
}
`.replaceAll('\\${', '${');
