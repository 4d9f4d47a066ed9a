# The guard of a host under test: it refuses what is not safe, writes down each change before it is made, and restores the
# recorded state. It needs bash, coreutils, findutils and util-linux, and runs by itself, also while nobody is connected.
# Its settings (settings.ts) are sent before it. A copy with them is in the run's folder on the host as long as the run is
# open.
# usage: bash guard.sh check|outsiders|begin|before|after|restore|watch|abandon [ARGUMENT...]
# shellcheck shell=bash disable=SC2154,SC2034,SC2004
set -uo pipefail
shopt -s nullglob dotglob
umask 077
export LC_ALL=C
cd / # the caller's directory may be one that this user cannot enter; then neither find nor podman would work

folder=$base/runs/$run
tab=$'\t'

# Prints one line for stackfuzz: a word, and its values.
tell() {
  local line IFS=$tab
  line="$*"
  printf '%s\n' "${line//$'\n'/ }"
}

stop() {
  tell failed "$1"
  exit 1
}

quoted_json() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//[[:cntrl:]]/ }
  printf '"%s"' "$text"
}

uptime_now() {
  local up rest
  read -r up rest < /proc/uptime
  printf '%s' "${up%.*}"
}

# Adds a line to the journal and waits until it is on the disk. The next line after one that a crash cut off begins a
# new line.
journal() {
  local last torn=
  [ ! -L "$folder/journal" ] || return
  [ -e "$folder/journal" ] && last=$(tail -c 1 "$folder/journal" | od -An -tx1) && [ -n "$last" ] && [ "$last" != ' 0a' ] && torn=$'\n'
  printf '%s{"at":"%(%FT%TZ)T","up":%s,%s}\n' "$torn" -1 "$(uptime_now)" "$1" >> "$folder/journal" && sync -- "$folder/journal"
} 2> /dev/null

note() { journal "\"what\":\"$1\",\"say\":$(quoted_json "$2")"; }

# Sets the state of the run: one word in a file, which is replaced at once.
become() { rm -f -- "$folder/state.new"; printf '%s\n' "$1" > "$folder/state.new" && sync -- "$folder/state.new" && mv -fT -- "$folder/state.new" "$folder/state" && sync -- "$folder"; }

state_now() {
  local word=none
  [ ! -f "$folder/state" ] || read -r word < "$folder/state"
  printf '%s' "$word"
}

room() { df -h --output=avail,target -- "$1" | tail -n 1 | sed -E 's/^ *([^ ]+) +(.*)$/\1 free on \2/'; }

# Renews the lease: until when stackfuzz counts as present. It is measured by the machine's uptime, since clocks may be
# changed.
renew() {
  local boot
  [ ! -L "$folder/lease" ] || return
  read -r boot < /proc/sys/kernel/random/boot_id
  printf '%s %s %s\n' "$boot" "$(uptime_now)" "$1" > "$folder/lease"
} 2> /dev/null

# --- Whether it is safe -------------------------------------------------------------------------------------------------

# Why a file does not count as a marker; nothing if it does.
distrust() {
  local directory=${1%/*} kind owner mode name
  if [ -L "$1" ] || [ -L "$directory" ]; then
    echo "$1 is reached by a link: a rebuild may have brought it here from another host"
    return
  fi
  while IFS=: read -r kind owner mode name; do
    [ "$kind" = 'regular file' ] || [ "$kind" = directory ] || [ "$kind" = 'regular empty file' ] || { echo "$name is a $kind"; return; }
    [ "$owner" = 0 ] || [ "$owner" = "$uid" ] || { echo "$name belongs to user $owner, and not to root or $user"; return; }
    (( (8#$mode & 8#022) == 0 )) || { echo "$name can be written by others (chmod go-w $name)"; return; }
  done < <(stat -c '%F:%u:%a:%n' -- "$directory" "$1")
}

# Why the host does not permit tests; nothing if it does.
marker_fault() {
  local file line why named found=no
  for file in "$home/.config/stackfuzz/non-prod" /etc/stackfuzz/non-prod; do
    [ -e "$file" ] || [ -L "$file" ] || continue
    found=yes
    why=$(distrust "$file")
    [ -z "$why" ] || { echo "$why"; return; }
    named=
    while IFS= read -r line || [ -n "$line" ]; do
      [[ $line != environment:*prod* || $line == *non-prod* ]] || { echo "$file says $line"; return; }
      [[ $line != host:* ]] || { named=${line#host:}; named=${named//[[:space:]]/}; }
    done < "$file"
    [ "$named" = "$host" ] || { echo "$file names ${named:-no host}, and this is to be $host"; return; }
  done
  [ $found = yes ] || echo "there is no marker: neither ~/.config/stackfuzz/non-prod nor /etc/stackfuzz/non-prod"
}

# What says that this is a production host; nothing if nothing does.
production_fault() {
  local file name line pattern
  for file in /etc/stackfuzz/production "$home/.config/stackfuzz/production"; do
    if [ -e "$file" ] || [ -L "$file" ]; then
      echo "$file says that this is a production host"
      return
    fi
  done
  if [ -r /etc/machine-info ]; then
    while IFS= read -r line; do
      [[ ! ${line,,} =~ ^deployment=\"?prod ]] || { echo "/etc/machine-info says $line"; return; }
    done < /etc/machine-info
  fi
  for file in /proc/sys/kernel/hostname /etc/hostname; do
    name=
    [ ! -r "$file" ] || read -r name < "$file"
    [ -n "$name" ] || continue
    for pattern in "${production[@]}"; do
      # shellcheck disable=SC2053 # a pattern
      [[ $name != $pattern ]] || { echo "its name is $name, which the list of production hosts has ($pattern)"; return; }
    done
  done
}

ours() { [[ $1 == "$prefix"* ]]; }
expected_outsider() {
  local each
  for each in "${expendable[@]}"; do
    # shellcheck disable=SC2053 # a pattern
    [[ $1 != $each ]] || return 0
  done
  return 1
}

# What runs here, is not under test, and would be affected by an operation on the whole user manager or machine.
outsiders() {
  local name project id fragment triggered type line
  if [ -d "$home/.local/share/containers/storage" ]; then
    while IFS=$tab read -r name project; do
      ours "$name" || ours "$project" || expected_outsider "$name" || printf 'the container %s\n' "$name"
    done < <(podman ps --format "{{.Names}}$tab{{index .Labels \"com.docker.compose.project\"}}" 2> /dev/null)
  fi
  while IFS=$tab read -r id fragment; do
    ours "$id" || expected_outsider "$id" || printf 'the user service %s (%s)\n' "$id" "$fragment"
  done < <(own_services)
}

# Running user services that somebody installed, without those of the distribution and those that a socket, a timer or the
# bus started.
own_services() {
  local line id='' fragment='' triggered='' type='' state='' units=()
  mapfile -t units < <(systemctl --user list-units --type=service --state=active,activating,reloading --plain --no-legend 2> /dev/null | cut -d ' ' -f 1)
  [ ${#units[@]} -gt 0 ] || return
  while IFS= read -r line || [ -n "$id" ]; do
    case $line in
      Id=*) id=${line#*=} ;;
      FragmentPath=*) fragment=${line#*=} ;;
      TriggeredBy=*) triggered=${line#*=} ;;
      Type=*) type=${line#*=} ;;
      '')
        if [ -z "$triggered" ] && [ "$type" != dbus ]; then
          case $fragment in
            '' | /usr/* | /lib/* | */systemd/transient/* | */systemd/generator* | */stackfuzz-registry.service) ;;
            *) printf '%s\t%s\n' "$id" "$fragment" ;;
          esac
        fi
        id='' fragment='' triggered='' type=''
        ;;
    esac
  done < <(systemctl --user show -p Id -p FragmentPath -p TriggeredBy -p Type -- "${units[@]}" 2> /dev/null)
}

# Prints who holds the lock.
holder() {
  local line word now up rest boot left
  while IFS= read -r line; do [[ $line != *=* ]] || tell "lock-${line%%=*}" "${line#*=}"; done < "$base/lock"
  local its
  its=$base/runs/$(lock_run)
  [ ! -f "$its/state" ] || { read -r word < "$its/state" && tell lock-state "$word"; }
  if [ -f "$its/lease" ] && read -r boot up left < "$its/lease"; then
    read -r now < /proc/sys/kernel/random/boot_id
    read -r rest _ < /proc/uptime
    if [ "$boot" != "$now" ]; then tell lock-lease 'of an earlier boot'; else tell lock-lease "$((up + left - ${rest%.*}))"; fi
  fi
}

lock_run() {
  local line
  while IFS= read -r line; do [[ $line != run=* ]] || printf '%s' "${line#run=}"; done < "$base/lock"
} 2> /dev/null

# Checks the folders of stackfuzz, and what a run keeps in its own: they must be no links, and belong to this user.
folder_fault() {
  local each
  for each in "$base/lock" "$folder"/{journal,state,state.new,lease,guard.sh,reserve,lock,recorded,aside,watch,made,unit,now,now-sums,aside.list,tries}; do
    [ ! -L "$each" ] || { echo "$each is a link"; return; }
  done
  for each in "$base" "$base/runs" "$folder"; do
    [ -e "$each" ] || [ -L "$each" ] || continue
    [ ! -L "$each" ] || { echo "$each is a link"; return; }
    [ -d "$each" ] || { echo "$each is no folder"; return; }
    [ -O "$each" ] || { echo "$each belongs to somebody else"; return; }
  done
}

# A directory of units or secrets that is a link: a change would go to where it leads, which is not recorded. The same with
# directories in it into which a run writes: those of wants, and of drop-ins for the stacks under test.
link_fault() {
  local each directory
  for each in .config/systemd .config/systemd/user .config/systemd/user.control .config/containers/systemd .local/share/systemd .local/share/systemd/user .local/share/stackfuzz .local/share/stackfuzz/{withheld,registry,profile,wanted,wanted.new} secrets drift drift/missing; do
    [ ! -L "$home/$each" ] || { echo "$home/$each is a link to $(readlink -- "$home/$each")"; return; }
  done
  for directory in "$home"/.config/systemd/user{,.control} "$home/.local/share/systemd/user" /run/user/"$uid"/systemd/{user,user.control,transient} \
    /etc/systemd/user /run/systemd/user /usr/{,local/}{lib,share}/systemd/user; do
    # Where the folder itself is a link, such as on NixOS, nothing is put into it.
    [ ! -L "$directory" ] || continue
    for each in "$directory"/{default,timers}.target.wants "$directory/$prefix"*.{d,wants,requires}; do
      [ ! -L "$each" ] || [ ! -d "$each" ] || in_the_store "$each" || { echo "$each is a link to $(readlink -- "$each")"; return; }
    done
  done
}

# Whether a link leads into the Nix store, where nobody writes.
in_the_store() { [[ $(readlink -f -- "$1") == /nix/store/* ]]; }

# Read-only: reports every reason not to begin.
check() {
  local why key id
  tell uid "$UID"
  tell home "$HOME"
  read -r id < /etc/machine-id && tell machine "$(printf 'stackfuzz %s' "$id" | sha256sum | cut -c-32)"
  tell keys "$(for key in /etc/ssh/ssh_host_*_key.pub; do cut -d ' ' -f 1,2 "$key"; done | sort | sha256sum | cut -c-32)"
  read -r id < /proc/sys/kernel/hostname && tell hostname "$id"
  why=$(marker_fault)
  [ -z "$why" ] || tell refused marker "$why"
  why=$(production_fault)
  [ -z "$why" ] || tell refused production "$why"
  why=$(folder_fault)
  [ -z "$why" ] || tell refused folder "$why"
  if [ "$side" = operator ]; then
    [ "$UID" != 0 ] || tell refused operator "that $user has uid 0"
  fi
  why=$(link_fault)
  [ -z "$why" ] || tell refused place "$why"
  if [ "$wide" = yes ] && [ "$side" = operator ]; then
    while IFS= read -r why; do tell refused outsider "$why"; done < <(outsiders)
  fi
  [ ! -e "$base/lock" ] || holder
  tell end
}

# --- What is recorded -----------------------------------------------------------------------------------------------------

# Puts the paths that the patterns match now into $roots.
expand() {
  local IFS='' pattern
  roots=()
  # shellcheck disable=SC2206 # a pattern, and never split
  for pattern in "${kept[@]}"; do roots+=($pattern); done
  local path real=()
  for path in "${roots[@]}"; do
    if [ -e "$path" ] || [ -L "$path" ]; then real+=("$path"); fi
  done
  roots=("${real[@]}")
}

# The files of the guard's own timer are in a directory that is recorded, and are not recorded
# themselves.
ours_to_skip=(-name 'stackfuzz-restore.*' -o -name '.stackfuzz-restoring.*' -o -path '*/share/stackfuzz/guard')

# Prints five fields for each path: kind, mode, owner, target of a link, path; each ends with a NUL.
listing() {
  [ ${#roots[@]} = 0 ] && return
  find -P "${roots[@]}" \( "${ours_to_skip[@]}" \) -prune -o -printf '%y\0%m\0%U:%G\0%l\0%p\0'
}

# Prints the checksums of the regular files of a listing: two fields each.
sums() {
  local fields=() at
  mapfile -d '' -t fields < "$1"
  for ((at = 0; at < ${#fields[@]}; at += 5)); do
    [ "${fields[at]}" != f ] || printf '%s\0' "${fields[at + 4]}"
  done | xargs -0 -r sha256sum -z --
}

largest=67108864 # bytes that a recorded state may take: small trees, not somebody's data
most=20000       # and paths

record_files() {
  local to=$1 size count
  expand
  listing > "$to/listing" || return
  count=$(tr -cd '\0' < "$to/listing" | wc -c)
  [ $((count / 5)) -le $most ] || { echo "more than $most paths are to be recorded"; return 1; }
  [ ${#roots[@]} = 0 ] || {
    size=$(find -P "${roots[@]}" -type f -printf '%s\n' | { total=0; while read -r one; do total=$((total + one)); done; echo $total; })
    [ "$size" -le $largest ] || { echo "$size bytes are to be recorded, and $largest are the most"; return 1; }
  }
  sums "$to/listing" > "$to/sums" || return
  mkdir -p "$to/tree"
  local fields=() at
  mapfile -d '' -t fields < "$to/listing"
  for ((at = 0; at < ${#fields[@]}; at += 5)); do
    [ "${fields[at]}" != f ] || printf '%s\0' "${fields[at + 4]}"
  done | xargs -0 -r cp -a --parents -t "$to/tree" -- || return
  # The real path of each pattern's directory: if it is another one later, nothing is written there.
  local pattern
  for pattern in "${kept[@]}"; do printf '%s\0%s\0' "${pattern%/*}" "$(realpath -m -- "${pattern%/*}")"; done > "$to/parents"
  # Directories that do not exist yet, and are removed in the end if they are empty.
  for pattern in "${kept[@]}"; do
    pattern=${pattern%/*}
    while [[ $pattern == /?*/* && $pattern != *'*'* ]] && [ ! -e "$pattern" ] && [ ! -L "$pattern" ]; do
      printf '%s\n' "$pattern"
      pattern=${pattern%/*}
    done
  done > "$to/absent.new"
  for pattern in "${emptied[@]}"; do [ -e "$pattern" ] || [ -L "$pattern" ] || printf '%s\n' "$pattern"; done >> "$to/absent.new"
  sort -ru "$to/absent.new" > "$to/absent" && rm -f -- "$to/absent.new"
  folders_of_patterns > "$to/folders"
}

# Folders that hold what the patterns name, where they are patterns themselves: one that a lever makes is not told by its name.
folders_of_patterns() {
  local IFS='' pattern each
  for pattern in "${kept[@]}"; do
    pattern=${pattern%/*}
    [[ $pattern == *'*'* ]] || continue
    # shellcheck disable=SC2086 # a pattern, and never split
    for each in $pattern; do [ -L "$each" ] || [ ! -d "$each" ] || printf '%s\n' "$each"; done
  done | sort -u
}

user_units() { systemctl --user list-units --all --plain --no-legend -- "$prefix*" 2> /dev/null | cut -d ' ' -f 1 | sort; }

# The state and the files of each unit, without times and numbers of processes.
shown_units() {
  local names=()
  mapfile -t names < <(user_units)
  [ ${#names[@]} = 0 ] || systemctl --user show -p Id -p LoadState -p ActiveState -p UnitFileState -p FragmentPath -p DropInPaths -p NeedDaemonReload -- "${names[@]}"
} 2> /dev/null

invocations() {
  local names=()
  mapfile -t names < <(user_units)
  [ ${#names[@]} = 0 ] || systemctl --user show -p Id -p InvocationID -- "${names[@]}"
} 2> /dev/null

# Prints one line for each container, without its id: name, project, image, state, health, labels.
containers() {
  [ -d "$home/.local/share/containers/storage" ] || return 0
  local name project image state status labels health
  podman ps -a --no-trunc --format "{{.Names}}$tab{{index .Labels \"com.docker.compose.project\"}}$tab{{.ImageID}}$tab{{.State}}$tab{{.Status}}$tab{{.Labels}}" 2> /dev/null |
    while IFS= read -r line; do
      name=${line%%"$tab"*} line=${line#*"$tab"}
      project=${line%%"$tab"*} line=${line#*"$tab"}
      image=${line%%"$tab"*} line=${line#*"$tab"}
      state=${line%%"$tab"*} line=${line#*"$tab"}
      status=${line%%"$tab"*} labels=${line#*"$tab"}
      health=-
      [[ ! $status =~ \((healthy|unhealthy|starting)\) ]] || health=${BASH_REMATCH[1]}
      # A label in which compose counts new containers.
      labels=$(sed -E 's/com\.docker\.compose\.replace:[0-9a-f]+ ?//' <<< "$labels")
      printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "${project:--}" "$image" "$state" "$health" "$labels"
    done | sort
}

# Networks or volumes under test: the prefix is the beginning of their names.
named() {
  local name
  podman "$1" ls --format '{{.Name}}' 2> /dev/null | sort | while IFS= read -r name; do ! ours "$name" || printf '%s\n' "$name"; done
}

image_tags() {
  local name
  [ ${#repositories[@]} -gt 0 ] || return 0
  for name in "${repositories[@]}"; do podman images --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' --filter "reference=$name" 2> /dev/null; done | grep -v ':<none>' | sort -u
}

accepted='application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json'

# Records the tags of a registry: a folder for each, with the manifest and its type.
record_registry() {
  local url answer tag number=0 tags
  for url in "${registries[@]}"; do
    answer=$(curl -sf -m 10 "$url/tags/list") || { echo "$url" >> "$1/unreachable"; continue; }
    [[ $answer =~ \"tags\":\[([^]]*)\] ]] || continue
    tags=${BASH_REMATCH[1]//\"/}
    for tag in ${tags//,/ }; do
      number=$((number + 1))
      mkdir -p "$1/registry/$number" || return
      curl -sf -m 10 -H "Accept: $accepted" -o "$1/registry/$number/manifest" -w '%{content_type}' "$url/manifests/$tag" > "$1/registry/$number/type" || { rm -rf "$1/registry/$number"; continue; }
      printf '%s\n%s\n' "$url" "$tag" > "$1/registry/$number/name"
    done
  done
}

# Mounts that faults of stackfuzz make: known by their source, or by these targets.
our_mounts() {
  local _ target source rest
  while read -r _ _ _ _ target rest; do
    source=${rest##* - }
    source=${source#* }
    source=${source%% *}
    case $target in
      /etc | /nix/store) printf '%s %s\n' "$target" "$source" ;;
      *) [ "$source" != stackfuzz-full ] || printf '%s %s\n' "$target" "$source" ;;
    esac
  done < /proc/self/mountinfo
}

linger_now() { if [ -e "/var/lib/systemd/linger/$user" ]; then echo yes; else echo no; fi; }
active_system_units() {
  local unit
  for unit in "${system_units[@]}" "user@$uid.service"; do
    [ "$(systemctl is-active -- "$unit" 2> /dev/null)" != active ] || echo "$unit"
  done
}
watched_now() {
  local path
  for path in "${watched[@]}"; do printf '%s %s\n' "$path" "$(readlink -f -- "$path")"; done
}

# Prints the owner's generations, one per line: the link's name, and where it leads.
generations_now() {
  local IFS='' link
  [ -n "$profile" ] || return 0
  # shellcheck disable=SC2206 # a pattern, and never split
  for link in $generations; do [ ! -L "$link" ] || printf '%s %s\n' "${link##*/}" "$(readlink -- "$link")"; done
}

record() {
  local to=$folder/recorded.new
  rm -rf -- "$to" "$folder/recorded"
  mkdir -- "$to" || return
  record_files "$to" || return
  generations_now > "$to/generations"
  [ -z "$profile" ] || readlink -- "$profile" > "$to/generation"
  if [ "$side" = root ]; then
    our_mounts > "$to/mounts" && linger_now > "$to/linger" && active_system_units > "$to/system-units" && watched_now > "$to/watched" || return
  else
    shown_units > "$to/units"
    invocations > "$to/invocations"
    own_services | cut -f 1 > "$to/services"
    containers > "$to/containers"
    named network > "$to/networks"
    named volume > "$to/volumes"
    image_tags > "$to/images"
    record_registry "$to" || return
  fi
  sync -f -- "$to" && mv -T -- "$to" "$folder/recorded" && sync -- "$folder"
}

# --- Begin -----------------------------------------------------------------------------------------------------------------

take_lock() {
  local boot
  read -r boot < /proc/sys/kernel/random/boot_id
  printf 'run=%s\nhost=%s\nfrom=%s\nsince=%(%FT%TZ)T\nboot=%s\n' "$run" "$host" "$from" -1 "$boot" > "$folder/lock" || return 2
  sync -- "$folder/lock" || return 2
  # link(2) never replaces a file: if two runs come at once, one of them gets the lock.
  ln -T -- "$folder/lock" "$base/lock" 2> /dev/null || return 1
  sync -- "$base"
}

# The directory for the guard's timer, outside of those in which units of stacks are.
unit_directory() {
  local directory
  if [ "$side" = operator ]; then
    echo "$home/.local/share/systemd/user"
    return
  fi
  for directory in /etc/systemd/system /etc/systemd/system.attached /etc/systemd/system.control; do
    [ ! -L "$directory" ] || continue
    if mkdir -p -- "$directory" 2> /dev/null && [ -w "$directory" ]; then echo "$directory"; return; fi
  done
  echo /run/systemd/system
}

manager() { if [ "$side" = root ]; then systemctl "$@"; else systemctl --user "$@"; fi; }

start_watch() {
  local directory each made=() path interval=$((grace / 4))
  [ "$interval" -le 60 ] || interval=60
  [ "$interval" -ge 1 ] || interval=1
  path=$(unit_directory)
  for directory in "$path" "$path/timers.target.wants"; do
    each=$directory
    while [ ! -d "$each" ]; do made+=("$each"); each=${each%/*}; done
    (umask 022 && mkdir -p -- "$directory") || return
  done
  printf '%s\n' "${made[@]}" | sort -ru > "$folder/made"
  directory=$path
  printf '%s\n' "$directory" > "$folder/watch"
  {
    printf '[Unit]\nDescription=Restores this host where stackfuzz is gone (run %s)\n' "$run"
    printf '[Service]\nType=oneshot\nEnvironment="PATH=%s"\n' "$PATH"
    printf "ExecStart=/bin/sh -c 'exec bash %s/guard.sh watch'\n" "$folder"
  } > "$folder/unit" || return
  install -m 644 -- "$folder/unit" "$directory/stackfuzz-restore.service" || return
  {
    printf '[Unit]\nDescription=Looks whether stackfuzz is gone (run %s)\n' "$run"
    printf '[Timer]\nOnActiveSec=%s\nOnUnitInactiveSec=%s\nAccuracySec=1s\n' "$interval" "$interval"
    printf '[Install]\nWantedBy=timers.target\n'
  } > "$folder/unit" || return
  install -m 644 -- "$folder/unit" "$directory/stackfuzz-restore.timer" || return
  ln -sfT ../stackfuzz-restore.timer "$directory/timers.target.wants/stackfuzz-restore.timer" || return
  sync -f -- "$directory"
  # The user manager reads a unit that it does not know yet from the disk; a reload would also load changes of other
  # units.
  [ "$side" = operator ] || systemctl daemon-reload
  manager start stackfuzz-restore.timer || { manager daemon-reload && manager start stackfuzz-restore.timer; }
}

end_watch() {
  local directory made
  [ -f "$folder/watch" ] || return 0
  read -r directory < "$folder/watch"
  manager stop stackfuzz-restore.timer 2> /dev/null
  rm -f -- "$directory/timers.target.wants/stackfuzz-restore.timer" "$directory/stackfuzz-restore.timer" "$directory/stackfuzz-restore.service"
  while IFS= read -r made; do [ -z "$made" ] || rmdir -- "$made" 2> /dev/null; done < "$folder/made"
  if [ "$side" = root ]; then systemctl daemon-reload; fi
  [ ! -e "$directory/stackfuzz-restore.timer" ]
}

# Undoes what was begun, and reports how much space is free.
no_room() {
  local why
  why="$folder cannot be written: $(room "$base")"
  abandon > /dev/null
  stop "$why"
}

begin() {
  local why old kept_runs
  why=$(folder_fault)
  [ -z "$why" ] || stop "$why"
  # Others use the folder above it too, such as the profile's scripts.
  (umask 022 && mkdir -p -- "${base%/*}") || stop "${base%/*} cannot be made"
  mkdir -p -- "$base/runs" || stop "$base cannot be made"
  chmod 700 -- "$base" "$base/runs"
  kept_runs=("$base"/runs/*)
  # The ten newest finished runs are kept, with their journals.
  for old in "${kept_runs[@]:0:$((${#kept_runs[@]} > 10 ? ${#kept_runs[@]} - 10 : 0))}"; do
    [ "${old##*/}" = "$(lock_run)" ] || rm -rf -- "$old"
  done
  mkdir -m 700 -- "$folder" || stop "$folder cannot be made"
  if ! { become beginning && renew "$grace" && printf '%s\n' "$STACKFUZZ_GUARD" > "$folder/guard.sh"; }; then
    rm -rf -- "$folder"
    stop "$folder cannot be written: $(room "$base")"
  fi
  # point: folder
  take_lock
  case $? in
    0) ;;
    1) rm -rf -- "$folder"; holder; tell refused lock 'another run has it'; tell end; exit 0 ;;
    *) rm -rf -- "$folder"; stop "$base cannot be written: $(room "$base")" ;;
  esac
  # point: lock
  why=$(record 2>&1) || { abandon > /dev/null; stop "what is there cannot be recorded: $why"; }
  # point: recorded
  head -c 262144 /dev/zero > "$folder/reserve" || no_room
  journal "\"what\":\"begin\",\"run\":$(quoted_json "$run"),\"host\":$(quoted_json "$host"),\"from\":$(quoted_json "$from")" || no_room
  # point: journal
  if [ "$watching" = yes ]; then
    why=$(start_watch 2>&1) || { abandon > /dev/null; stop "the timer that restores this host cannot be set: $why"; }
  fi
  # point: timer
  become open || no_room
  # point: open
  tell folder "$folder"
  tell end
}

# Undoes what `begin` made, if nothing was changed yet.
abandon() {
  end_watch
  [ "$(lock_run)" != "$run" ] || rm -f -- "$base/lock"
  rm -rf -- "$folder"
  rmdir -- "$base/runs" "$base" 2> /dev/null
  tell end
}

# --- Each change -----------------------------------------------------------------------------------------------------------

# Before a change: it must still be allowed, the lock must still be this run's, and the change must
# be written down; else nothing is done.
before() {
  local why now
  now=$(state_now)
  [ "$now" = open ] || { tell refused closed "this run is $now on the host: its journal ($folder/journal) says why"; exit 1; }
  [ "$(lock_run)" = "$run" ] || { tell refused lock "the lock of this run is gone"; exit 1; }
  why=$(marker_fault)
  [ -z "$why" ] || { tell refused marker "$why"; exit 1; }
  why=$(production_fault)
  [ -z "$why" ] || { tell refused production "$why"; exit 1; }
  why=$(folder_fault)
  [ -z "$why" ] || { tell refused folder "$why"; exit 1; }
  why=$(link_fault)
  [ -z "$why" ] || { tell refused place "$why"; exit 1; }
  # Operations on the whole machine are done as root: they would affect whatever has begun to run here
  # since.
  if [ "$wide" = yes ] && [ "$side" = root ]; then
    read -r why < <(as_operator bash "$operator_base/runs/$run/guard.sh" outsiders 2> /dev/null)
    [ -z "$why" ] || { tell refused outsider "$why runs here now, and is not under test"; exit 1; }
  fi
  journal "$1" || { tell refused journal "$folder/journal cannot be written: $(room "$folder")"; exit 1; }
  renew $((grace + $2)) || { tell refused journal "$folder/lease cannot be written"; exit 1; }
}

after() {
  journal "$1"
  renew "$grace"
}

# --- Restore ---------------------------------------------------------------------------------------------------------------

remaining=0
did() { tell did "$1"; note did "$1" || true; }
# What could not be restored, and what a person types to do it.
left() { remaining=$((remaining + 1)); tell left "$1" "$2"; note left "$1; to finish: $2" || true; }

# Compares what is at the recorded paths now with what was recorded: fills the arrays that `differences` and `put_back`
# read.
declare -A was_kind=() was_mode=() was_owner=() was_link=() was_sum=() is_kind=() is_mode=() is_owner=() is_link=() is_sum=() blocked=() skipped=() unput=()
was=() is=() extra=() changed=()

read_sums() {
  local -n into=$1
  local lines=() line
  mapfile -d '' -t lines
  for line in "${lines[@]}"; do into[${line:66}]=${line:0:64}; done
}

read_listing() {
  local -n list=$1 kinds=$2 modes=$3 owners=$4 links=$5
  local fields=() at path
  mapfile -d '' -t fields
  for ((at = 0; at + 4 < ${#fields[@]}; at += 5)); do
    path=${fields[at + 4]}
    list+=("$path")
    kinds[$path]=${fields[at]} modes[$path]=${fields[at + 1]} owners[$path]=${fields[at + 2]} links[$path]=${fields[at + 3]}
  done
}

read_recorded() {
  local fields=() at made
  read_listing was was_kind was_mode was_owner was_link < "$folder/recorded/listing"
  read_sums was_sum < "$folder/recorded/sums"
  if [ -f "$folder/made" ]; then
    while IFS= read -r made; do [ -z "$made" ] || skipped[$made]=1; done < "$folder/made"
  fi
  mapfile -d '' -t fields < "$folder/recorded/parents"
  for ((at = 0; at + 1 < ${#fields[@]}; at += 2)); do
    [ "$(realpath -m -- "${fields[at]}")" = "${fields[at + 1]}" ] || blocked[${fields[at]}]=${fields[at + 1]}
  done
}

is_blocked() {
  local parent
  for parent in "${!blocked[@]}"; do [[ $1 != "$parent/"* ]] || return 0; done
  return 1
}

compare_files() {
  local path at
  is=() extra=() changed=() is_kind=() is_mode=() is_owner=() is_link=() is_sum=()
  expand
  listing > "$folder/now" && sums "$folder/now" > "$folder/now-sums" || return
  read_listing is is_kind is_mode is_owner is_link < "$folder/now"
  read_sums is_sum < "$folder/now-sums"
  rm -f -- "$folder/now" "$folder/now-sums"
  # The deepest paths first: a folder must be empty before it is removed.
  for ((at = ${#is[@]} - 1; at >= 0; at--)); do
    path=${is[at]}
    [ -n "${was_kind[$path]-}" ] || [ -n "${skipped[$path]-}" ] || is_blocked "$path" || extra+=("$path")
  done
  for path in "${was[@]}"; do
    case ${was_kind[$path]} in f | d | l) ;; *) continue ;; esac
    is_blocked "$path" || as_it_was "$path" || changed+=("$path")
  done
}

as_it_was() {
  [ "${is_kind[$1]-}" = "${was_kind[$1]}" ] && [ "${is_owner[$1]}" = "${was_owner[$1]}" ] && [ "${is_link[$1]}" = "${was_link[$1]}" ] &&
    { [ "${was_kind[$1]}" = l ] || [ "${is_mode[$1]}" = "${was_mode[$1]}" ]; } && [ "${is_sum[$1]-}" = "${was_sum[$1]-}" ]
}

put_back() {
  local path=$1 fresh=${1%/*}/.stackfuzz-restoring.$$
  [ "${was_kind[${path%/*}]-}" != d ] || [ ! -L "${path%/*}" ] || { echo "${path%/*} is a link, which is not followed"; return 1; }
  [ -d "${path%/*}" ] || mkdir -p -- "${path%/*}" || return
  case ${was_kind[$path]} in
    d)
      if [ -L "$path" ] || [ ! -d "$path" ]; then
        rm -f -- "$path" && mkdir -- "$path" || return
      fi
      chmod -- "${was_mode[$path]}" "$path"
      ;;
    f)
      [ ! -d "$path" ] || [ -L "$path" ] || rmdir -- "$path" || return
      { cp -a -T -- "$folder/recorded/tree$path" "$fresh" && mv -fT -- "$fresh" "$path"; } || { rm -f -- "$fresh"; return 1; }
      ;;
    l)
      [ ! -d "$path" ] || [ -L "$path" ] || rmdir -- "$path" || return
      ln -sT -- "${was_link[$path]}" "$fresh" && mv -fT -- "$fresh" "$path"
      ;;
  esac && { [ "$(stat -c '%u:%g' -- "$path")" = "${was_owner[$path]}" ] || chown -h -- "${was_owner[$path]}" "$path"; }
}

# Nothing is thrown away: what is replaced or removed is copied to the run's folder, since somebody may have worked here
# meanwhile.
set_aside() {
  local path aside
  aside=$folder/aside/$(date -u +%Y%m%dT%H%M%SZ)-$$
  for path in "${extra[@]}" "${changed[@]}"; do
    case ${is_kind[$path]-} in f | l) printf '%s\0' "$path" ;; esac
  done > "$folder/aside.list"
  [ -s "$folder/aside.list" ] || { rm -f -- "$folder/aside.list"; return 0; }
  mkdir -p -- "$aside" && xargs -0 -r cp -a --parents -t "$aside" -- < "$folder/aside.list" && rm -f -- "$folder/aside.list" && sync -f -- "$aside"
}

unseen() { left "what is there cannot be looked at: $(room "$folder")" "make room there, then: stackfuzz restore --host $host"; }

restore_files() {
  local path why parent stray
  read_recorded
  for parent in "${!blocked[@]}"; do
    left "$parent leads elsewhere now than to ${blocked[$parent]}: nothing is written there" "ls -ld $parent"
  done
  for path in "${was[@]}"; do
    [ ! -L "${path%/*}" ] || continue
    for stray in "${path%/*}"/.stackfuzz-restoring.* "$path"/.stackfuzz-restoring.*; do rm -rf -- "$stray"; done
  done
  compare_files || { unseen; return 1; }
  [ $((${#extra[@]} + ${#changed[@]})) -gt 0 ] || { remove_empty; return 0; }
  # point: aside
  why=$(set_aside 2>&1) || {
    left "what has changed cannot be set aside in $folder: $(room "$folder")${why:+ (${why%%$'\n'*})}" "make room there, then: stackfuzz restore --host $host"
    return 1
  }
  for path in "${extra[@]}"; do
    # point: remove
    if [ "${is_kind[$path]}" = d ]; then rmdir -- "$path" 2> /dev/null || continue; else rm -f -- "$path" 2> /dev/null || continue; fi
    did "removed $path"
  done
  for path in "${changed[@]}"; do
    # point: put
    why=$(put_back "$path" 2>&1) || {
      unput[$path]=$why
      # What would stand in it stands elsewhere, as long as it is none of ours.
      [ "${was_kind[$path]}" != d ] || [ ! -L "$path" ] || blocked[$path]=$path
      continue
    }
    unset "unput[$path]"
    did "put back $path"
  done
  remove_empty
  return 0
}

# Directories that were made for what is removed again; one in which somebody has put something
# stays.
remove_empty() {
  local path
  if [ -f "$folder/recorded/folders" ]; then
    while IFS= read -r path; do
      is_blocked "$path" || ! rmdir -- "$path" 2> /dev/null || did "removed $path"
    done < <(folders_of_patterns | comm -13 "$folder/recorded/folders" -)
  fi
  [ -f "$folder/recorded/absent" ] || return 0
  while IFS= read -r path; do
    [ -z "$path" ] || [ -L "$path" ] || is_blocked "$path" || [ ! -d "$path" ] || ! rmdir -- "$path" 2> /dev/null || did "removed $path"
  done < "$folder/recorded/absent"
}

prove_files() {
  local path why
  compare_files || { unseen; return 1; }
  for path in "${extra[@]}"; do left "$path was not there" "rm -r $path"; done
  for path in "${changed[@]}"; do
    why=${unput[$path]-}
    left "$path is not as it was${why:+: ${why##*: }} (recorded: $folder/recorded/tree$path)" "stackfuzz restore --host $host"
  done
  for path in "${was[@]}"; do
    [ "${was_kind[$path]}" != l ] || is_blocked "$path" || [ -e "$path" ] || [[ ${was_link[$path]} != /nix/store/* ]] ||
      left "$path leads to ${was_link[$path]}, which is gone from the store" "${rebuild:-rebuild this host}"
  done
}

manager_is_up() { [ -n "$(systemctl --user show --value -p Version 2> /dev/null)" ]; }

# Removes the registry that stackfuzz serves (probe-registry.ts), as the end of a session does.
registry_away() {
  local its=$home/.local/share/stackfuzz/registry
  if [ "$side" = root ]; then
    ! systemctl is-active --quiet stackfuzz-registry.service || { systemctl stop stackfuzz-registry.service && did 'stopped the registry of stackfuzz'; }
  elif [ -f "$its/away" ] && [ ! -L "$its" ]; then
    bash "$its/away" && did 'took the probe images away'
  fi
}

# Removes the generations that rebuilds of stackfuzz's have made since: a declaration of stackfuzz's is in them. The generations
# of others stay; the current one stays too, unless it is the same as the one that was current before. What is new and
# stays is told.
take_generations_away() {
  local name target first='' same='' now stays=''
  [ -n "$profile" ] && [ -L "$profile" ] && [ -f "$folder/recorded/generations" ] || return 0
  now=$(readlink -- "$profile")
  [ ! -f "$folder/recorded/generation" ] || first=$(< "$folder/recorded/generation")
  if [ -n "$first" ] && [ "$now" != "$first" ] && [ "$(readlink -f -- "$profile")" = "$(cd "${profile%/*}" && readlink -f -- "$first")" ]; then
    ln -sfT -- "$first" "$profile.stackfuzz" && mv -fT -- "$profile.stackfuzz" "$profile" && did "led $profile to $first again, which is the same as $now"
    same=${now##*/} now=$first
  fi
  while read -r name target; do
    ! grep -qxF -- "$name $target" "$folder/recorded/generations" || continue
    if [ "$name" = "${now##*/}" ] || { [ "$name" != "$same" ] && [ ! -e "${profile%/*}/$name/$mark" ]; }; then
      stays+=" $name"
      continue
    fi
    rm -f -- "${profile%/*}/$name" && did "took the generation $name away"
  done < <(generations_now)
  [ -z "$stays" ] || tell stays "in ${profile%/*}:$stays"
}

# The registry's tags first: images that are missing on this host are then pulled from it.
restore_images() {
  local name id number url tag now
  for number in "$folder"/recorded/registry/*; do
    { read -r url && read -r tag; } < "$number/name" || continue
    curl -sf -m 10 -H "Accept: $accepted" "$url/manifests/$tag" 2> /dev/null | cmp -s - "$number/manifest" && continue
    curl -sf -m 10 -X PUT -H "Content-Type: $(< "$number/type")" --data-binary @"$number/manifest" -o /dev/null "$url/manifests/$tag" 2> /dev/null && did "gave $tag in $url back"
  done
  [ -s "$folder/recorded/images" ] || return 0
  now=$(image_tags)
  while read -r name id; do
    [[ $'\n'$now$'\n' != *$'\n'"$name $id"$'\n'* ]] || continue
    fetch_image "${id#sha256:}" "${name%:*}" "${name##*:}"
    podman tag "${id#sha256:}" "$name" > /dev/null 2>&1 && did "gave the image $name its tag back"
  done < "$folder/recorded/images"
}

# Pulls an image that is missing: by the tag that it had, or by any other tag of its repository.
fetch_image() {
  local id=$1 repository=$2 number url tag tags=("$3")
  for number in "$folder"/recorded/registry/*; do
    { read -r url && read -r tag; } < "$number/name" || continue
    [[ $url/ != */v2/${repository#*/}/ ]] || tags+=("$tag")
  done
  for tag in "${tags[@]}"; do
    ! podman image exists "$id" 2> /dev/null || return 0
    timeout 120 podman pull -q "$repository:$tag" > /dev/null 2>&1
  done
}

# Removes tags that were not there before; an image that a container uses stays, without a name.
drop_images() {
  local name id
  [ -f "$folder/recorded/images" ] || return 0
  while read -r name id; do
    podman untag "${id#sha256:}" "$name" > /dev/null 2>&1 && did "took the image $name away"
    podman rmi "${id#sha256:}" > /dev/null 2>&1
  done < <(image_tags | comm -13 "$folder/recorded/images" -)
}

prove_images() {
  local name id now number url tag
  if [ -s "$folder/recorded/images" ]; then
    now=$(image_tags)
    while read -r name id; do
      [[ $'\n'$now$'\n' == *$'\n'"$name $id"$'\n'* ]] || left "the image $name is not $id any more" "podman pull $name"
    done < "$folder/recorded/images"
  fi
  for number in "$folder"/recorded/registry/*; do
    { read -r url && read -r tag; } < "$number/name" || continue
    curl -sf -m 10 -H "Accept: $accepted" "$url/manifests/$tag" 2> /dev/null | cmp -s - "$number/manifest" ||
      left "the tag $tag in $url is not what it was" "start the registry, then: stackfuzz restore --host $host"
  done
}

# Containers of a unit: by the label that compose sets, or by the project that the unit is named
# after.
of_unit() {
  local unit=$1
  awk -F '\t' -v unit="PODMAN_SYSTEMD_UNIT:$unit" -v project="${unit%-stack.service}" '
    { n = split($6, words, /[][ ]/); for (i = 1; i <= n; i++) if (words[i] == unit) { print; next } }
    $2 == project { print }'
}

our_containers() { awk -F '\t' -v prefix="$prefix" 'index($1, prefix) == 1 || index($2, prefix) == 1'; }

restore_units() {
  local name project line unit state now recorded=$folder/recorded timer
  declare -A active=() invoked=() now_active=() now_invoked=()
  manager_is_up || {
    left "the user manager of $user does not run" "systemctl start user@$uid.service (as root)"
    return 1
  }
  systemctl --user daemon-reload || left 'the user manager does not reload' 'systemctl --user daemon-reload'
  # point: reloaded
  for timer in $(systemctl --user list-units --all --type=timer --plain --no-legend 2> /dev/null | cut -d ' ' -f 1); do
    [[ $timer =~ ^([0-9a-f]{64})-[0-9a-f]+\.timer$ ]] || continue
    podman container exists "${BASH_REMATCH[1]}" && continue
    systemctl --user stop "$timer" "${timer%.timer}.service" 2> /dev/null
    did "stopped $timer, whose container is gone"
  done
  read_states active invoked < <(cat "$recorded/units"; echo; cat "$recorded/invocations"; echo)
  read_states now_active now_invoked < <(shown_units; echo; invocations; echo)
  for unit in "${!now_active[@]}"; do
    [ -z "${active[$unit]-}" ] || continue
    case ${now_active[$unit]} in
      active | activating | reloading | deactivating) timeout 180 systemctl --user stop -- "$unit" && did "stopped $unit" ;;
    esac
  done
  # point: stopped
  restore_images
  while IFS=$tab read -r name project _; do
    cut -f 1 "$recorded/containers" | grep -qxF -- "$name" || {
      podman rm -f -t 5 -- "$name" > /dev/null 2>&1 && did "removed the container $name"
    }
  done < <(containers | our_containers)
  # point: containers
  # Builds of the probe image that have no name any more; one that a container uses stays.
  [ ${#repositories[@]} = 0 ] || podman images -q --filter label=stackfuzz.version --filter dangling=true 2> /dev/null | sort -u | xargs -r -n 1 podman rmi > /dev/null 2>&1
  for unit in "${!active[@]}"; do
    case ${active[$unit]} in
      active)
        now=$(containers)
        if [ "${now_active[$unit]-}" = active ] && [ "${now_invoked[$unit]-}" = "${invoked[$unit]-}" ] &&
          [ "$(of_unit "$unit" <<< "$now")" = "$(of_unit "$unit" < "$recorded/containers")" ]; then
          continue
        fi
        [[ $unit == *.service ]] || { systemctl --user start -- "$unit"; continue; }
        timeout 180 systemctl --user stop -- "$unit" 2> /dev/null
        of_unit "$unit" <<< "$now" | cut -f 1 | xargs -r podman rm -f -t 5 -i > /dev/null 2>&1
        systemctl --user reset-failed -- "$unit" 2> /dev/null
        timeout 300 systemctl --user start -- "$unit" 2> /dev/null && did "started $unit anew"
        # point: unit
        ;;
      inactive)
        [ "${now_active[$unit]-inactive}" = inactive ] || {
          timeout 180 systemctl --user stop -- "$unit"
          systemctl --user reset-failed -- "$unit" 2> /dev/null
          did "stopped $unit"
        }
        ;;
    esac
  done
  while IFS= read -r unit; do
    [ -z "$unit" ] || ours "$unit" || systemctl --user is-active --quiet -- "$unit" || { timeout 120 systemctl --user start -- "$unit" 2> /dev/null && did "started $unit"; }
  done < "$recorded/services"
  now=$(containers | cut -f 1,4)
  while IFS=$tab read -r name project _ state _; do
    ours "$name" || ours "$project" || [ "$state" != running ] || [[ $'\n'$now$'\n' == *$'\n'"$name${tab}running"$'\n'* ]] ||
      { podman start -- "$name" > /dev/null 2>&1 && did "started the container $name"; }
  done < "$recorded/containers"
  for name in $(comm -13 "$recorded/networks" <(named network)); do podman network rm -f -- "$name" > /dev/null 2>&1 && did "removed the network $name"; done
  drop_images
  for name in $(comm -13 "$recorded/volumes" <(named volume)); do podman volume rm -- "$name" > /dev/null 2>&1 && did "removed the volume $name"; done
  # Failed units that were not there before.
  for unit in $(systemctl --user list-units --all --state=failed --plain --no-legend 2> /dev/null | cut -d ' ' -f 1); do
    [ -n "${active[$unit]-}" ] || { systemctl --user reset-failed -- "$unit" 2> /dev/null && did "took the failure of $unit off the list"; }
  done
}

# Reads `systemctl show`: the state and the invocation of each unit.
read_states() {
  local -n states=$1 ids=$2
  local line id=''
  while IFS= read -r line; do
    case $line in
      Id=*) id=${line#*=} ;;
      ActiveState=*) states[$id]=${line#*=} ;;
      InvocationID=*) ids[$id]=${line#*=} ;;
    esac
  done
}

# Checks all that runs, again and again: a container's health takes some time.
prove_units() {
  local tries line recorded=$folder/recorded
  manager_is_up || return
  for ((tries = 0; tries < 120; tries++)); do
    containers | our_containers > "$folder/now"
    our_containers < "$recorded/containers" | cmp -s - "$folder/now" && break
    grep -qE "$tab(starting|created|configured|stopping)$tab" "$folder/now" || [ $tries -lt 10 ] || break
    sleep 1
  done
  while IFS=$tab read -r line _; do left "the container $line is gone, or is not as it was" "podman ps -a --filter name=$line"; done < <(our_containers < "$recorded/containers" | comm -23 - "$folder/now")
  while IFS=$tab read -r line _; do left "the container $line is not as any that was there" "podman ps -a --filter name=$line"; done < <(our_containers < "$recorded/containers" | comm -13 - "$folder/now")
  rm -f -- "$folder/now"
  while IFS= read -r line; do left "$line" "systemctl --user status ${line%%:*}"; done < <(unit_differences)
  while IFS= read -r line; do
    [ -z "$line" ] || ours "$line" || systemctl --user is-active --quiet -- "$line" || left "$line ran, and does not" "systemctl --user start $line"
  done < "$recorded/services"
  prove_images
}

# Each unit that differs from what was recorded, and how. An inactive unit without a file may be unloaded.
unit_differences() {
  local id='' line key
  declare -A old=() now=()
  while IFS= read -r line; do
    case $line in Id=*) id=${line#*=} ;; *=*) old[$id/${line%%=*}]=${line#*=} ;; esac
  done < "$folder/recorded/units"
  while IFS= read -r line; do
    case $line in Id=*) id=${line#*=} ;; *=*) now[$id/${line%%=*}]=${line#*=} ;; esac
  done < <(shown_units)
  for key in "${!old[@]}"; do
    [ "${old[$key]}" = "${now[$key]-}" ] || { [ -z "${now[$key]-}" ] && [ "${old[${key%/*}/ActiveState]}" = inactive ]; } ||
      printf '%s: %s is %s, and was %s\n' "${key%/*}" "${key##*/}" "${now[$key]:-nothing}" "${old[$key]:-nothing}"
  done | sort
  for key in "${!now[@]}"; do
    case $key in
      */ActiveState) [ -n "${old[$key]-}" ] || [ "${now[$key]}" = inactive ] || printf '%s: it was not there, and is %s\n' "${key%/*}" "${now[$key]}" ;;
    esac
  done | sort
}

# Runs a command as the operator.
as_operator() {
  setpriv --reuid "$uid" --regid "$(id -g "$user")" --init-groups \
    env -i PATH="$PATH" LANG=C.UTF-8 SHELL=/bin/bash HOME="$home" USER="$user" LOGNAME="$user" \
    XDG_RUNTIME_DIR="/run/user/$uid" DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/$uid/bus" "$@"
}

restore_machine() {
  local target source line unit
  while read -r target source; do
    grep -qxF -- "$target $source" "$folder/recorded/mounts" && continue
    umount --lazy -- "$target" && did "took away the mount on $target"
  done < <(our_mounts | tac)
  # point: mounts
  if [ "$(< "$folder/recorded/linger")" != "$(linger_now)" ]; then
    case $(< "$folder/recorded/linger") in
      yes) loginctl enable-linger "$user" && did "gave $user its linger back" ;;
      no) loginctl disable-linger "$user" && did "took the linger of $user away" ;;
    esac
  fi
  restore_files
  systemctl daemon-reload
  # One that a rebuild has started: its file is gone by now, and it would count as active until the next boot.
  for unit in "${system_units[@]}"; do
    grep -qxF -- "$unit" "$folder/recorded/system-units" || ! systemctl is-active --quiet -- "$unit" || { timeout 120 systemctl stop -- "$unit" && did "stopped $unit"; }
  done
  # point: machine
  while IFS= read -r unit; do
    [ -z "$unit" ] || [[ $unit == home-manager-* ]] || systemctl is-active --quiet -- "$unit" || { timeout 120 systemctl start -- "$unit" && did "started $unit"; }
  done < "$folder/recorded/system-units"
}

finish_machine() {
  local unit line
  # What activates at boot is started last, when its own files are as they were.
  while IFS= read -r unit; do
    [ -z "$unit" ] || systemctl is-active --quiet -- "$unit" || { timeout 300 systemctl start -- "$unit" 2> /dev/null && did "started $unit"; }
  done < "$folder/recorded/system-units"
  if ! diff -q <(watched_now) "$folder/recorded/watched" > /dev/null && [ -n "$rebuild" ]; then
    timeout 1800 bash -c "$rebuild" > /dev/null 2>&1 && did "rebuilt: $rebuild"
  fi
  prove_files
  while IFS= read -r unit; do
    [ -z "$unit" ] || systemctl is-active --quiet -- "$unit" || left "$unit ran, and does not" "systemctl start $unit"
  done < "$folder/recorded/system-units"
  while IFS= read -r line; do left "$line is mounted, and was not" "umount --lazy ${line%% *}"; done < <(our_mounts | grep -vxF -f "$folder/recorded/mounts")
  [ "$(< "$folder/recorded/linger")" = "$(linger_now)" ] || left "the linger of $user is $(linger_now)" "loginctl enable-linger $user"
  while IFS= read -r line; do left "${line%% *} leads elsewhere than to ${line#* }" "${rebuild:-rebuild this host}"; done < <(diff <(watched_now) "$folder/recorded/watched" | sed -n 's/^> //p')
}

restore_chain() {
  local script=$operator_base/runs/$run/guard.sh line ended=no
  [ -f "$script" ] || return 0
  while IFS= read -r line; do
    case $line in
      end) ended=yes ;;
      left$tab*) remaining=$((remaining + 1)) && printf '%s\n' "$line" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done < <(as_operator bash "$script" restore "$1")
  [ $ended = yes ] || left "what is ${user}'s was not restored to its end" "bash $script restore (as $user)"
}

restore() {
  # The lock's file is not inherited: a container that is started would hold the lock for ever.
  flock -n -E 75 -o -- "$folder" bash "$folder/guard.sh" restoring "$1"
  local status=$?
  [ $status != 75 ] || { tell busy 'the host is being restored by somebody else at this moment'; tell end; }
  return $status
}

restoring() {
  local now each
  now=$(state_now)
  rm -f -- "$folder/reserve"
  # A link in the folder of a run is none of ours: it goes, and what it leads to stays.
  for each in "$folder"/*; do [ ! -L "$each" ] || rm -f -- "$each"; done
  if [ "$now" != restored ] && [ "$now" != beginning ]; then
    # With nothing to compare with, all that is there would be taken for new.
    for each in listing sums parents; do
      [ ! -f "$folder/recorded/$each" ] || continue
      left "what was recorded is gone from $folder: nothing is put back by itself" "ls -R $folder; when all is as it should be: rm $base/lock"
      tell end
      return 1
    done
    become restoring || true
    note restore "by $1" || true
    # point: restoring
    registry_away
    if [ "$side" = root ]; then
      restore_machine
      restore_chain "$1"
      finish_machine
    else
      # What runs is started by the files that were there, or not at all.
      if restore_files; then
        restore_units
        # A program that was stopped may have written something while it ended.
        restore_files
        prove_files
        prove_units
      fi
    fi
    take_generations_away
    # point: proved
    if [ $remaining -gt 0 ]; then
      become left || true
      tell end
      return 1
    fi
  elif [ "$side" = root ]; then
    restore_chain "$1"
    [ $remaining = 0 ] || { tell end; return 1; }
  fi
  [ "$now" != restored ] || tell did 'nothing: it was restored before'
  note restored "by $1" || true
  become restored || { left "$folder cannot be written" "make room there"; tell end; return 1; }
  # point: restored
  end_watch || { left 'the timer of stackfuzz cannot be removed' "rm $(< "$folder/watch")/stackfuzz-restore.*"; tell end; return 1; }
  # point: watch
  [ "$(lock_run)" != "$run" ] || rm -f -- "$base/lock"
  rm -rf -- "$folder/recorded" "$folder/recorded.new"
  tell restored "$run"
  tell end
}

# Run by the timer: restores if stackfuzz was not heard from for longer than the lease.
watch() {
  local tries=0
  case $(state_now) in
    restored | none) end_watch; return 0 ;;
    left) [ ! -f "$folder/tries" ] || read -r tries < "$folder/tries"; [ "$tries" -lt 5 ] || return 0 ;;
  esac
  is_over "$folder/lease" own || return 0
  [ "$side" != root ] || is_over "$operator_base/runs/$run/lease" theirs || return 0
  printf '%s\n' $((tries + 1)) > "$folder/tries"
  restore "the host itself: nothing was heard of stackfuzz for longer than $grace s"
}

is_over() {
  local boot up seconds now
  [ -f "$1" ] && [ ! -L "$1" ] || return 0
  read -r boot up seconds < "$1" || { sleep 1; read -r boot up seconds < "$1" || return 0; }
  read -r now < /proc/sys/kernel/random/boot_id
  if [ "$boot" != "$now" ]; then
    # After a boot the lease begins anew.
    [ "$2" = own ] || return 0
    renew "$grace"
    return 1
  fi
  [[ $up =~ ^[0-9]+$ && $seconds =~ ^[0-9]+$ ]] || return 0
  [ $(($(uptime_now) - up)) -gt "$seconds" ]
}

command=${1-}
[ $# = 0 ] || shift
case $command in
  check | outsiders | begin | before | after | restore | restoring | watch | abandon) "$command" "$@" ;;
  *) echo "guard: no command '$command'" >&2; exit 2 ;;
esac
