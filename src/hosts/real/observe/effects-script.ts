/**
 * Bash: looks at what containers of own compose files show only while they run. It takes podman's answer from $containers, the
 * paths of configs from the array configs, and the declared ports from $ports; it does nothing if there are none.
 */
export const effectsScript = String.raw`
see_effects() {
  [ \${#configs[@]} = 0 ] || see_configs
  [ "$ports" = '  ' ] || see_answering
}

# Checksums of the files at those paths in every running container, by its first process. Some files only root of the container
# may read, whose user namespace belongs to the operator.
see_configs() {
  local pid path readable=() others=() first=
  for pid in $(grep -oE '"Pid": ?[1-9][0-9]*' <<<"$containers" | tr -dc '0-9\n' | sort -u); do
    for path in "\${configs[@]}"; do
      path=/proc/$pid/root$path
      if [ -r "$path" ]; then readable+=("$path"); elif [ -e "$path" ]; then others+=("$path") first=$pid; fi
    done
  done
  section configs
  [ \${#readable[@]} = 0 ] || cksum -- "\${readable[@]}" 2>/dev/null
  [ \${#others[@]} = 0 ] || nsenter --user --preserve-credentials -t "$first" cksum -- "\${others[@]}" 2>/dev/null
}

# The declared ports that answer; one program asks all of them at the same time. A container that was just started gets some
# time, since nothing reports when it begins to listen. Podman's socket prints one line for each container.
see_answering() {
  local port urls=() prompt=' '
  section answering
  for port in $ports; do urls+=(-o /dev/null "http://127.0.0.1:$port"); done
  for port in $(curl -qsZ -m 5 --noproxy '*' --parallel-max 99 -w '%{exitcode}:%{remote_port} ' "\${urls[@]}" 2>/dev/null); do
    [ "\${port%:*}" != 0 ] || { port=\${port#*:} prompt+="$port "; echo "$port"; }
  done
  for port in $ports; do [[ $prompt == *" $port "* ]] || break; port=; done
  [ -n "$port" ] || return
  for port in $(grep -E '"Status": ?"running"' <<<"$containers" | grep -oE '"HostPort": ?"[0-9]+"' | tr -dc '0-9\n' | sort -u); do
    if [[ $ports == *" $port "* && $prompt != *" $port "* ]]; then answers "$port" & fi
  done
  wait
}

answers() {
  local try line
  for try in {1..60}; do
    if { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null; then
      printf 'GET / HTTP/1.0\r\n\r\n' >&3 && read -r -t 5 -n 1 -u 3 line && { echo "$1"; return; }
      exec 3>&-
    fi
    sleep 0.05
  done
} 2>/dev/null
`.replaceAll('\\${', '${');
