# Sourced by the wrapper, the activation, the updater and the audit: what they ask of units and containers.
shopt -s nullglob
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$UID}
owned=$HOME/.config/systemd/user
podman_filter=label=com.docker.compose.project

# A value of the unit file's own section [X-Stack], which systemd passes over: Name, Services or Secrets.
declared() { sed -n "s/^$2=//p" "$1"; }

# The secrets that a unit file asks for and that cannot be read, a line each.
missing_secrets() {
  local secret
  for secret in $(declared "$1" Secrets); do [ -r "$secret" ] || echo "$secret"; done
}

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
# same name the stronger directory's counts, and the type's is the weakest (facts.md F6).
definition_on_disk() {
  local unit=$1 directory name file directories found=()
  local -A drop_ins=()
  mapfile -t directories < <(search_path)
  for directory in "${directories[@]}"; do
    if [ -e "$directory/$unit" ] || [ -L "$directory/$unit" ]; then echo "$directory/$unit"; break; fi
  done
  for directory in "${directories[@]}"; do
    for name in "$unit.d" $(prefixes_of "$unit"); do found+=("$directory/$name"/*.conf); done
  done
  for directory in "${directories[@]}"; do found+=("$directory/service.d"/*.conf); done
  for file in "${found[@]}"; do
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
not_loaded() {
  local unit=$1 disk loaded since
  disk=$(definition_on_disk "$unit") loaded=$(definition_loaded "$unit")
  # The first is empty until a reload. Not asked by busctl: units start before the bus is there.
  since=$(systemctl --user show --value -p UnitsLoadTimestamp --timestamp=us+utc)
  [ -n "$since" ] || since=$(systemctl --user show --value -p UnitsLoadStartTimestamp --timestamp=us+utc)
  {
    comm -3 <(sort <<<"$disk") <(sort <<<"$loaded") | tr -d '\t'
    # Both the link and what it leads to.
    find -P $disk -maxdepth 0 -newerct "$since"
    find -L $disk -maxdepth 0 -newerct "$since"
  } | sort -u
}

# What tells one definition from another: a hash of its files. Containers carry it as a label.
definition_hash() { cat "$@" | sha256sum | cut -d ' ' -f 1; }

# The containers of one stack, or of all, a line each: project|service|state|definition|image id|image|id.
containers() {
  local format='{{index .Labels "com.docker.compose.project"}}|{{index .Labels "com.docker.compose.service"}}|{{.State}}'
  podman ps --all --filter "$podman_filter${1:+=$1}" \
    --format "$format"'|{{index .Labels "stack.definition"}}|{{.ImageID}}|{{.Image}}|{{.ID}}'
}

# What is wrong with the containers of a stack, a line each, nothing where each service runs once, made by this
# definition. The third argument is what `containers` says of them.
wrong_containers() {
  local file=$1 hash=$2 seen=$3 stack project service state made _
  stack=$(declared "$file" Name)
  local -A left=()
  for service in $(declared "$file" Services); do left[$service]=yes; done
  while IFS='|' read -r project service state made _; do
    [ "$project" = "$stack" ] || continue
    if [ -z "${left[$service]-}" ]; then
      echo "container $stack/$service is one too many"
      continue
    fi
    unset "left[$service]"
    [ "$state" = running ] || echo "container $stack/$service is $state, not running"
    [ "$made" = "$hash" ] || echo "container $stack/$service was made by another definition of the unit"
  done <<<"$seen"
  for service in "${!left[@]}"; do echo "container $stack/$service is absent"; done
}
