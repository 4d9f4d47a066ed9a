# Sourced by the wrapper, the activation, the updater and the audit: what they ask of units, files and containers.
# The functions below are asked in conditions too, where bash ignores set -e: each hands on by itself that something failed.
shopt -s nullglob
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$UID}
owned=$HOME/.config/systemd/user
podman_filter=label=com.docker.compose.project

# A value of the unit file's own section [X-Stack], which systemd passes over: Name, Services, Secrets or Patience.
declared() { sed -n "s/^$2=//p" "$1"; }

# What keeps the secrets that a unit file asks for from being used, a line each. Neither provider can be asked: with
# podman-compose a malformed one is no error (facts-debian13, section 2). One KEY=VALUE a line is what both understand.
# shellcheck disable=SC2310 # handed on
unusable_secrets() {
  local secret secrets fault
  secrets=$(declared "$1" Secrets) || return
  for secret in $secrets; do
    if [ ! -e "$secret" ]; then
      echo "required secret $secret is missing"
    elif [ ! -f "$secret" ] || [ ! -r "$secret" ]; then
      echo "required secret $secret cannot be read"
    else
      fault=$(LC_ALL=C grep -naEv "$env_line" "$secret" | head -n 1 || true)
      [ -z "$fault" ] || echo "required secret $secret is malformed in line ${fault%%:*}"
    fi
  done
}
env_line='^[[:space:]]*(#[[:print:]]*|(export[[:space:]]+)?[A-Za-z_][A-Za-z0-9_]*=("[^"]*"|'\''[^'\'']*'\''|[^"'\''[:cntrl:]][^[:cntrl:]]*)?)?[[:space:]]*$'

# The manager's own search path, strongest first (facts.md F1).
search_path() { systemctl --user show --value -p UnitPath | tr ' ' '\n'; }

# Drop-in directories that extend a unit, beside UNIT.d: one for each prefix that ends in a dash, then the type's
# (facts.md F6).
prefixes_of() {
  local stem=${1%.service}
  while [[ $stem == *-* ]]; do
    stem=${stem%-*}
    echo "$stem-.service.d"
  done
}

# The files that define a unit on disk: the strongest unit file, then every drop-in that counts. Of two drop-ins with the
# same name the stronger directory's counts, and the type's is the weakest (facts.md F6). Directories are passed over.
# shellcheck disable=SC2310 # handed on
definition_on_disk() {
  local unit=$1 directory name file path directories found=()
  local -A drop_ins=()
  path=$(search_path) || return
  mapfile -t directories <<<"$path"
  for directory in "${directories[@]}"; do
    if [ -L "$directory/$unit" ] || [ -f "$directory/$unit" ]; then echo "$directory/$unit"; break; fi
  done
  for directory in "${directories[@]}"; do
    for name in "$unit.d" $(prefixes_of "$unit"); do found+=("$directory/$name"/*.conf); done
  done
  for directory in "${directories[@]}"; do found+=("$directory/service.d"/*.conf); done
  for file in "${found[@]}"; do
    [ ! -d "$file" ] && [ -e "$file" ] || continue
    [ -n "${drop_ins[${file##*/}]-}" ] || drop_ins[${file##*/}]=$file
  done
  [ ${#drop_ins[@]} = 0 ] || printf '%s\n' "${drop_ins[@]}" | sort
}

# The files that systemd has loaded a unit from.
definition_loaded() {
  systemctl --user show --value -p FragmentPath -p DropInPaths "$1" | tr ' ' '\n' | sed '/^$/d'
}

# What of a definition is not as systemd has it in memory, a line each; nothing where all is. NeedDaemonReload does not
# see links into the Nix store change (facts.md F12), so the moment at which each file was put there is compared with
# the moment at which systemd read them all.
# shellcheck disable=SC2310,SC2312 # handed on, or compared
not_loaded() {
  local unit=$1 disk loaded since file
  disk=$(definition_on_disk "$unit") || return
  loaded=$(definition_loaded "$unit") || return
  # The first is empty until a reload. Not asked by busctl: units start before the bus is there.
  since=$(systemctl --user show --value -p UnitsLoadTimestamp --timestamp=us+utc) || return
  [ -n "$since" ] || since=$(systemctl --user show --value -p UnitsLoadStartTimestamp --timestamp=us+utc) || return
  {
    comm -3 <(sort <<<"$disk") <(sort <<<"$loaded") | tr -d '\t'
    [ -z "$disk" ] || {
      # Both the link and what it leads to. What lies in the store never changes, though its times do, as when equal files
      # are made one (`nix-store --optimise`) [failure-is-justified/fill-store-restart].
      find -P $disk -maxdepth 0 -newerct "$since"
      for file in $disk; do
        [[ $(readlink -f "$file") == /nix/store/* ]] || find -L "$file" -maxdepth 0 -newerct "$since"
      done
    }
  } 2>/dev/null | sort -u
}

# What tells the containers of one definition from those of another: the unit's variables, and the compose file by its
# place in the store. Containers carry it as a label.
definition_of() { printf '%s\n' "$@" | sha256sum | cut -d ' ' -f 1; }

# The variables of a unit, as its file declares them and systemd shows them.
variables_in() { sed -n 's/^Environment=//p' "$1" | paste -sd ' '; }

# The definition that a unit file declares.
# shellcheck disable=SC2310 # handed on
definition_in() {
  local variables file
  variables=$(variables_in "$1") || return
  file=$(sed -n 's/^ExecStart=.* up //p' "$1") || return
  definition_of "$variables" "$file"
}

# The containers of one stack, or of all, a line each:
# project|service|state|name|unit|health|definition|pid|id|conmon|started|probes|interval|ended|secrets
# The last five: when it was started, in milliseconds; how often its health was probed; seconds between two probes; its exit status;
# the digests of the secrets that it was given.
containers() {
  local ids project service state name unit health made pid id conmon rest
  ids=$(podman ps --all --quiet --filter "$podman_filter${1:+=$1}") || return
  [ -n "$ids" ] || return 0
  # One that goes meanwhile is none.
  podman container inspect --format "$container_format" $ids 2>/dev/null |
    while IFS='|' read -r project service state name unit health made pid id conmon rest; do
      # Podman does not look whether what it believes in is still there (facts-debian13 F84, F86).
      if [ "$state" = running ]; then
        if [ ! -d "/proc/$pid" ]; then state=dead; elif [ ! -d "/proc/$conmon" ]; then state=unwatched; fi
      fi
      echo "$project|$service|$state|$name|$unit|$health|$made|$pid|$id|$conmon|$rest"
    done
}
label() { printf '{{with index .Config.Labels "%s"}}{{.}}{{end}}|' "$1"; }
# shellcheck disable=SC2312 # it only prints
container_format="$(label com.docker.compose.project)$(label com.docker.compose.service){{.State.Status}}|{{.Name}}|"
# shellcheck disable=SC2312 # it only prints
container_format+="$(label PODMAN_SYSTEMD_UNIT){{with .State.Health}}{{.Status}}{{end}}|$(label stack.definition)"
container_format+='{{.State.Pid}}|{{.Id}}|{{.State.ConmonPid}}|{{.State.StartedAt.UnixMilli}}|'
container_format+='{{with .State.Health}}{{len .Log}}{{end}}|{{with .Config.Healthcheck}}{{.Interval.Seconds}}{{end}}|{{.State.ExitCode}}|'
container_format+='{{with index .Config.Labels "stack.secrets"}}{{.}}{{end}}'

# What is wrong with the containers of a stack, a line each, nothing where each service runs once, or has run and ended well,
# as this definition has it. The third argument is what `containers` says of them.
# shellcheck disable=SC2310 # handed on
wrong_containers() {
  local file=$1 definition=$2 seen=$3 stack project services service state name unit health made ended given now jobs _ line
  local -A left=() own=()
  stack=$(declared "$file" Name) || return
  services=$(declared "$file" Services) || return
  jobs=$(declared "$file" Jobs) || return
  now=$(digests_of_secrets "$file") || return
  for service in $services; do left[$service]=yes; done
  while IFS='|' read -r project service state name _; do
    [ "$project" = "$stack" ] || continue
    [[ $name != "$stack-$service-1" && $name != "${stack}_${service}_1" ]] || own[$service]=$name
  done <<<"$seen"
  while IFS='|' read -r project service state name unit health made _ _ _ _ _ _ ended given; do
    [ "$project" = "$stack" ] || continue
    if [[ -z ${left[$service]-} || ( -n ${own[$service]-} && ${own[$service]} != "$name" ) ]]; then
      echo "container $stack/$service ($name) is one too many"
      continue
    fi
    unset "left[$service]"
    line="container $stack/$service"
    [ "$name" = "${own[$service]-}" ] || echo "$line is called $name"
    if [[ " $jobs " != *" $service "* ]]; then
      [ "$state" = running ] || echo "$line is $state, not running"
    elif [[ $state != @(exited|stopped) ]]; then
      echo "$line has not ended"
    elif [ "$ended" != 0 ]; then
      echo "$line ended with $ended"
    fi
    [[ $state != running || $health == @(|healthy) ]] || echo "$line is $health"
    [ "$unit" = "${file##*/}" ] || echo "$line names the unit ${unit:-(none)}"
    [ "$made" = "$definition" ] || echo "$line was made by another definition of the unit"
    [ "$made" != "$definition" ] || same_secrets "$given" "$now" || echo "$line has an older text of a secret"
  done <<<"$seen"
  # A job that has ended well need not be done again because its container was removed.
  for service in "${!left[@]}"; do
    [[ " $jobs " == *" $service "* ]] || echo "container $stack/$service is absent"
  done
}

# Digests of the secrets that a unit file asks for, in its order; `-` where one cannot be used now.
# shellcheck disable=SC2310 # handed on
digests_of_secrets() {
  local path secrets digest all=()
  secrets=$(declared "$1" Secrets) || return
  for path in $secrets; do
    digest=-
    # As `unusable_secrets` judges it, but without a word.
    if [ -f "$path" ] && [ -r "$path" ] && ! LC_ALL=C grep -qaEv "$env_line" "$path"; then
      digest=$(sha256sum < "$path") || return
    fi
    all+=("${digest%% *}")
  done
  echo "${all[*]}"
}

# Whether a container was given the secrets as they are now; what cannot be used now cannot be compared.
same_secrets() {
  local given now at
  read -ra given <<<"$1"
  read -ra now <<<"$2"
  for at in "${!now[@]}"; do
    [[ ${now[at]} == - || ${now[at]} == "${given[at]-}" ]] || return
  done
}

# Stops every container of a project, whatever podman believes of it. Fails where one still runs.
stop_project() {
  local ids try
  for try in 1 2 3 last; do
    ids=$(podman ps --quiet --filter "$podman_filter=$1") || return
    [ -n "$ids" ] || return 0
    # It ends with an error where a conmon is gone, and has stopped the container all the same (facts-debian13 F84).
    [ "$try" = last ] || ! podman stop --time 10 $ids > /dev/null 2>&1 || return 0
  done
  echo "podman cannot stop the containers $(echo $ids)" >&2
  return 1
}

# Removes every container of a project, with the volumes that have no name. Fails where one is left.
remove_project() {
  local ids try
  for try in 1 2 3 last; do
    ids=$(podman ps --all --quiet --filter "$podman_filter=$1") || return
    [ -n "$ids" ] || return 0
    [ "$try" = last ] || ! podman rm --force --depend --volumes --time 10 $ids > /dev/null 2>&1 || return 0
  done
  echo "podman cannot remove the containers $(echo $ids)" >&2
  return 1
}

# Runs the script again as the only one of this operator that changes stacks: whoever comes second waits. The lock goes
# with the process that holds it, so one that was killed leaves none.
one_at_a_time() {
  [ -z "${STACKS_LOCKED-}" ] || return 0
  local lock=$HOME/.local/state/stacks.lock
  mkdir -p "${lock%/*}"
  flock --nonblock --close "$lock" true || echo "waiting for a rebuild or an update that is under way" >&2
  STACKS_LOCKED=yes exec flock --close --timeout 240 "$lock" "$0" "$@"
}
