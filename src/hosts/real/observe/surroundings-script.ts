/**
 * Bash: looks at what is around the stacks: the manager's environment, processes, the runtime directory, files that were
 * written since the first look, and the journal since the last one. Files of the search path that belong to no stack come with
 * the files of stacks.
 */
export const surroundingsScript = String.raw`
see_surroundings() {
  local values=()
  section linger; [ $scope != --system ] && [ ! -e "/var/lib/systemd/linger/$user" ] || echo yes
  section runtime
  set +f; printf '%s\n' "$XDG_RUNTIME_DIR"/*; set -f
  section generated
  set +f; printf '%s\n' "$XDG_RUNTIME_DIR"/systemd/generator*/*; set -f
  [ "$first" = 0 ] || { see_written; see_journal; }
  section environment
  [ "$manager" != running ] || printf '%s\n' "$environment"
  section processes
  set +f; grep -sE '^(Name|PPid|Uid|0:):' /proc/[0-9]*/{status,cgroup}; set -f
  section looker; echo "$$"
}

# Files that were written since the first look where the operator may write, without podman's storage; and which of them others
# may read and contain the value of a secret of the stacks (of 16 characters at least).
see_written() {
  local written path paths=() lines=() line
  written=$(find "$HOME" /tmp /var/tmp /dev/shm "$XDG_RUNTIME_DIR" -xdev -maxdepth $depth \( -path "$HOME/.local/share/containers" \
    -o -path "$HOME/.cache" -o -path "$XDG_RUNTIME_DIR/containers" -o -path "$XDG_RUNTIME_DIR/libpod" -o -path "$XDG_RUNTIME_DIR/crun" \
    -o -path "$XDG_RUNTIME_DIR/netns" \) -prune -o -user "$uid" -type f -newerct "@$first" -printf '%s\t%m\t%p\n' 2>/dev/null)
  section written
  printf '%s\n' "$written"
  for path in "\${secrets[@]}"; do [ ! -r "$path" ] || mapfile -t -O "\${#lines[@]}" lines <"$path"; done
  for line in "\${lines[@]}"; do
    [[ $line != [A-Za-z_]*=????????????????* ]] || { line=\${line#*=} line=\${line#[\'\"]}; values+=("\${line%[\'\"]}"); }
  done
  while IFS=$'\t' read -r _ line path; do
    case $line in *[4567]) [ ! -r "$path" ] || paths+=("$path");; esac
  done <<<"$written"
  section readable
  [ \${#values[@]} = 0 ] || [ \${#paths[@]} = 0 ] || printf '%s\n' "\${values[@]}" | grep -lFf - -- "\${paths[@]}" 2>/dev/null
}

# Entries since the last look: of the operator's processes, and of containers that died.
see_journal() {
  section journal
  journalctl -q --no-pager -o json --since "@$last" --output-fields=MESSAGE,_SYSTEMD_$unit_field,$unit_field,SYSLOG_IDENTIFIER,PRIORITY,CONTAINER_ID,PODMAN_EVENT,PODMAN_ID,PODMAN_EXIT_CODE \
    "_UID=$uid" PRIORITY=0 PRIORITY=1 PRIORITY=2 PRIORITY=3 + "_UID=$uid" PODMAN_EVENT=died 2>/dev/null
}
`.replaceAll('\\${', '${');
