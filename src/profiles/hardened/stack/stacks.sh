# Sourced by the wrapper, the activation, the updater and the audit: questions about units, files and containers. The
# functions below are also called in conditions, where bash ignores set -e: each of them returns a failure explicitly.
shopt -s nullglob
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$UID}
owned=$HOME/.config/systemd/user
podman_filter=label=com.docker.compose.project

# Print a value of the unit file's own section [X-Stack], which systemd ignores: Name, Services, Secrets or Patience.
declared() { sed -n "s/^$2=//p" "$1"; }

# Print why the secrets that a unit file requires cannot be used, one line each. The providers cannot be asked: with
# podman-compose a malformed file is no error (facts-debian13, section 2). Both understand one KEY=VALUE per line.
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

# The search path of the manager itself, strongest first (facts.md F1).
search_path() { systemctl --user show --value -p UnitPath | tr ' ' '\n'; }

# Drop-in directories that apply to a unit, besides UNIT.d: one for each prefix that ends in a dash, then the one
# of its type (facts.md F6).
prefixes_of() {
  local stem=${1%.service}
  while [[ $stem == *-* ]]; do
    stem=${stem%-*}
    echo "$stem-.service.d"
  done
}

# The files that define a unit on disk: the strongest unit file, then every drop-in that applies. Of two drop-ins with
# the same name the one in the stronger directory applies, and the type's directory is the weakest (facts.md F6).
# Directories are ignored.
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

# Print what of a definition differs from what systemd has in memory, one line each. NeedDaemonReload does not notice
# that a link into the Nix store has changed (facts.md F12), so the time at which each file was put there is compared
# with the time at which systemd read them all.
# shellcheck disable=SC2310,SC2312 # handed on, or compared
not_loaded() {
  local unit=$1 disk loaded since file
  disk=$(definition_on_disk "$unit") || return
  loaded=$(definition_loaded "$unit") || return
  # The first value is empty until a reload. busctl is not used: units start before the bus is there.
  since=$(systemctl --user show --value -p UnitsLoadTimestamp --timestamp=us+utc) || return
  [ -n "$since" ] || since=$(systemctl --user show --value -p UnitsLoadStartTimestamp --timestamp=us+utc) || return
  {
    comm -3 <(sort <<<"$disk") <(sort <<<"$loaded") | tr -d '\t'
    [ -z "$disk" ] || {
      # Both the link and the file that it leads to. Files in the store never change, but their times do, when equal files
      # are linked to one (`nix-store --optimise`) [failure-is-justified/fill-store-restart].
      find -P $disk -maxdepth 0 -newerct "$since"
      for file in $disk; do
        [[ $(readlink -f "$file") == /nix/store/* ]] || find -L "$file" -maxdepth 0 -newerct "$since"
      done
    }
  } 2>/dev/null | sort -u
}

# What differs between the containers of two definitions: the unit's variables, and the store path of the compose
# file. Containers have it as a label.
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

# Print the containers of one stack, or of all, one line each:
# project|service|state|name|unit|health|definition|pid|id|conmon|started|probes|interval|ended|networks|secrets
# The last six: when it was started, in milliseconds; how often its health was probed; seconds between two probes; its exit status;
# the names of its networks; the digests of the secrets that it was given.
containers() {
  local ids project service state name unit health made pid id conmon rest
  ids=$(podman ps --all --quiet --filter "$podman_filter${1:+=$1}") || return
  [ -n "$ids" ] || return 0
  # A container that is removed meanwhile is left out.
  podman container inspect --format "$container_format" $ids 2>/dev/null |
    while IFS='|' read -r project service state name unit health made pid id conmon rest; do
      # Podman does not check whether the processes of its records still exist (facts-debian13 F84, F86).
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
container_format+='{{range $name, $_ := .NetworkSettings.Networks}}{{$name}},{{end}}|'
container_format+='{{with index .Config.Labels "stack.secrets"}}{{.}}{{end}}'

# Print what is wrong with the containers of a stack, one line each: each service must run once, or have run and ended with
# 0, as this definition declares it. The third argument is the output of `containers`; a fourth says that they were just started.
# shellcheck disable=SC2310 # handed on
wrong_containers() {
  local file=$1 definition=$2 seen=$3 stack project services service state name unit health made ended networks given now jobs _ line
  local attached configs
  local -A left=() own=()
  stack=$(declared "$file" Name) || return
  services=$(declared "$file" Services) || return
  jobs=$(declared "$file" Jobs) || return
  attached=$(declared "$file" Attached) || return
  configs=$(declared "$file" Configs) || return
  now=$(digests_of_secrets "$file") || return
  for service in $services; do left[$service]=yes; done
  while IFS='|' read -r project service state name _; do
    [ "$project" = "$stack" ] || continue
    [[ $name != "$stack-$service-1" && $name != "${stack}_${service}_1" ]] || own[$service]=$name
  done <<<"$seen"
  while IFS='|' read -r project service state name unit health made pid _ _ _ _ _ ended networks given; do
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
    [[ $state != running || " $attached " != *" $service:"* || " $attached " == *" $service:${networks%,} "* ]] ||
      echo "$line is on the networks ${networks%,}"
    [[ $state != running || " $configs" != *" $service:"* ]] || other_texts "$service" "$pid" "$configs"
    [ "$made" = "$definition" ] || echo "$line was made by another definition of the unit"
    [ "$made" != "$definition" ] || same_secrets "$given" "$now" || echo "$line has an older text of a secret"
  done <<<"$seen"
  # A job that has ended with 0 need not be done again if its container was removed.
  for service in "${!left[@]}"; do
    [[ -z ${4-} && " $jobs " == *" $service "* ]] || echo "container $stack/$service is absent"
  done
}

# Print the configs of a running container whose text is not the declared one, one line each: a config can be changed by hand.
# They are read in the user namespace of the container's first process.
other_texts() {
  local service=$1 pid=$2 config path seen paths=()
  local -A wanted=()
  for config in $3; do
    [ "${config%%:*}" = "$service" ] || continue
    config=${config#*:}
    path=/proc/$pid/root/${config#*/}
    paths+=("$path")
    config=${config%%/*}
    wanted[$path]=${config%:}
  done
  seen=$(nsenter --user --preserve-credentials --target "$pid" cksum -- "${paths[@]}" 2> /dev/null || true)
  for path in "${paths[@]}"; do
    config=${wanted[$path]}
    grep -qxF -- "${config/:/ } $path" <<<"$seen" ||
      echo "container $stack/$service has another text in ${path#/proc/"$pid"/root}"
  done
}

# Print the existing volumes that have other options than a unit file declares, one line each. No provider changes the options
# of a volume that exists, and only its owner may remove the data in it.
# shellcheck disable=SC2310 # handed on
other_volumes() {
  local volume volumes seen name
  local -A there=()
  volumes=$(declared "$1" Volumes) || return
  [ -n "$volumes" ] || return 0
  # Podman adds the options that it read from `o`, in capitals.
  seen=$(podman volume ls --format '{{.Name}}:{{range $key, $value := .Options}}{{$key}}={{$value}};{{end}}' |
    tr ' ' ';' | sed -E ':next; s/([:;])[A-Z]+=[^;]*;/\1/; t next') || return
  while IFS=: read -r name volume; do there[${name:-none}]=$volume; done <<<"$seen"
  for volume in $volumes; do
    name=${volume%%:*}
    [ -n "${there[$name]+yes}" ] && [ "${there[$name]}" != "${volume#*:}" ] || continue
    echo "volume $name has the options ${there[$name]:-(none)}, not ${volume#*:}; save what is in it, then" \
      "systemctl --user stop ${1##*/}, podman volume rm --force $name, and rebuild"
  done
}

# Print digests of the secrets that a unit file requires, in its order; `-` for one that cannot be used now.
# shellcheck disable=SC2310 # handed on
digests_of_secrets() {
  local path secrets digest all=()
  secrets=$(declared "$1" Secrets) || return
  for path in $secrets; do
    digest=-
    # The same rule as in `unusable_secrets`, without a message.
    if [ -f "$path" ] && [ -r "$path" ] && ! LC_ALL=C grep -qaEv "$env_line" "$path"; then
      digest=$(sha256sum < "$path") || return
    fi
    all+=("${digest%% *}")
  done
  echo "${all[*]}"
}

# Whether a container was given the secrets as they are now; one that cannot be used now is not compared.
same_secrets() {
  local given now at
  read -ra given <<<"$1"
  read -ra now <<<"$2"
  for at in "${!now[@]}"; do
    [[ ${now[at]} == - || ${now[at]} == "${given[at]-}" ]] || return
  done
}

# Stop every container of a project, whatever state podman reports. Fails if one still runs.
stop_project() {
  local ids try
  for try in 1 2 3 last; do
    ids=$(podman ps --quiet --filter "$podman_filter=$1") || return
    [ -n "$ids" ] || return 0
    # If a conmon is gone, podman stops the container but ends with an error (facts-debian13 F84).
    [ "$try" = last ] || ! podman stop --time 10 $ids > /dev/null 2>&1 || return 0
  done
  echo "podman cannot stop the containers $(echo $ids)" >&2
  return 1
}

# Remove every container of a project, with its anonymous volumes. Fails if one is left.
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

# Run the script again under a lock, so that only one script of this operator changes stacks at a time. The lock ends
# with the process that holds it, also if that is killed.
one_at_a_time() {
  [ -z "${STACKS_LOCKED-}" ] || return 0
  local lock=$HOME/.local/state/stacks.lock
  mkdir -p "${lock%/*}"
  flock --nonblock --close "$lock" true || echo "waiting for a rebuild or an update that is under way" >&2
  STACKS_LOCKED=yes exec flock --close --timeout 240 "$lock" "$0" "$@"
}
