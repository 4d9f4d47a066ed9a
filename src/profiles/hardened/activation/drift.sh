# Sourced: what is in the search path for stack units besides the links of a generation.
source "${0%/*}/../stack/stacks.sh"
source "${0%/*}/generation-files.sh"

# No failure without a reason, whatever fails.
set -E
trap 'echo "${0##*/}: line $LINENO: $BASH_COMMAND: status $?" >&2' ERR

# Directories in which people, programs, packages and NixOS leave things; not the store, and not those of generators.
# No package brings a unit of a stack: one in /usr is as foreign as anywhere else [single-owner/shadow-unit-rebuild].
open_directories() { search_path | grep -Ev '^/(nix|run/current-system)/|/generator(\.early|\.late)?$'; }

# Whether a drop-in directory for many units applies to one of these.
extends() {
  local directory=$1 unit
  shift
  [ "$directory" != service.d ] || return 0
  for unit; do [[ $unit != "${directory%.service.d}"* ]] || return 0; done
  return 1
}

# Print everything that is not the owner's, one path per line: units, wants links, drop-ins, in any directory. What
# extends a stack that is about to be removed counts too.
# usage: drift_beside UNITS-OF-A-GENERATION
# shellcheck disable=SC2310,SC2312 # it asks
drift_beside() {
  local tree=$1 path below directory names found directories there=()
  names=("$tree"/*-stack.service "$HOME/.local/state/home-manager/gcroots/current-home/home-files/.config/systemd/user"/*-stack.service)
  found=$(open_directories)
  mapfile -t directories <<<"$found"
  for directory in "${directories[@]}"; do [ ! -d "$directory" ] || there+=("$directory"); done
  # What could not be looked at may still be there: the pipe fails if find fails.
  find "${there[@]}" -ignore_readdir_race -mindepth 1 -maxdepth 2 -name '*.scope.d' -prune \
    -o \( -name '*-stack.service' -o -path '*-stack.service.d/*' \
    -o -path '*/service.d/*.conf' -o -path '*-.service.d/*.conf' \
    -o -name default.target \( -xtype l -o -xtype c -o -type f -empty \) \) -print0 | while IFS= read -r -d '' path; do
    below=${path#"$owned/"}
    # A link of ours is not drift: link-generation and set-aside keep it, or remove it with its stack.
    [[ $below == "$path" ]] || ! into_generation "$path" || continue
    directory=${path%/*} directory=${directory##*/}
    [[ $directory != *service.d || $directory == *-stack.service.d ]] || extends "$directory" "${names[@]##*/}" || continue
    printf '%s\n' "$path"
  done
}

# Print the links into any generation that this one does not have, one path per line.
# usage: left_links UNITS-OF-A-GENERATION
# shellcheck disable=SC2310,SC2312 # it asks
left_links() {
  local path
  [ -d "$owned" ] || return 0
  find "$owned" -mindepth 1 -maxdepth 2 -name '*.service' -type l -print0 | while IFS= read -r -d '' path; do
    [ -e "$1/${path#"$owned/"}" ] || ! into_generation "$path" || echo "$path"
  done
}

# Drift that this activation may not remove: in a system directory, or for more units than those of stacks.
not_ours() {
  [[ ! -w ${1%/*} || ( $1 == *service.d/* && $1 != *-stack.service.d/* ) ]]
}
