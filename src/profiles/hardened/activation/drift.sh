# Sourced: what stands in the search path for stack units beside what a generation puts there.
source "${0%/*}/../stack/stacks.sh"
source "${0%/*}/generation-files.sh"

# No failure without a reason, whatever fails.
set -E
trap 'echo "${0##*/}: line $LINENO: $BASH_COMMAND: status $?" >&2' ERR

# Directories in which hands, programs, packages and NixOS leave things; not those of the store and of generators. No
# package brings a stack's unit along: what lies in /usr for one is as strange there as anywhere
# [single-owner/shadow-unit-rebuild].
open_directories() { search_path | grep -Ev '^/(nix|run/current-system)/|/generator(\.early|\.late)?$'; }

# Whether a drop-in directory for many units extends one of these.
extends() {
  local directory=$1 unit
  shift
  [ "$directory" != service.d ] || return 0
  for unit; do [[ $unit != "${directory%.service.d}"* ]] || return 0; done
  return 1
}

# Everything that is not the owner's, a path a line: units, wants links, drop-ins, in any directory. What extends a stack
# that is about to go counts as well.
# usage: drift_beside UNITS-OF-A-GENERATION
# shellcheck disable=SC2310,SC2312 # it asks
drift_beside() {
  local tree=$1 path below directory names found directories there=()
  names=("$tree"/*-stack.service "$HOME/.local/state/home-manager/gcroots/current-home/home-files/.config/systemd/user"/*-stack.service)
  found=$(open_directories)
  mapfile -t directories <<<"$found"
  for directory in "${directories[@]}"; do [ ! -d "$directory" ] || there+=("$directory"); done
  # What could not be looked at is no proof that nothing stands there: the pipe fails with find.
  find "${there[@]}" -ignore_readdir_race -mindepth 1 -maxdepth 2 -name '*.scope.d' -prune \
    -o \( -name '*-stack.service' -o -path '*-stack.service.d/*' \
    -o -path '*/service.d/*.conf' -o -path '*-.service.d/*.conf' \) -print0 | while IFS= read -r -d '' path; do
    below=${path#"$owned/"}
    # A link of ours stays, or goes with its stack: link-generation and set-aside see to it.
    [[ $below == "$path" ]] || ! into_generation "$path" || continue
    directory=${path%/*} directory=${directory##*/}
    [[ $directory != *service.d || $directory == *-stack.service.d ]] || extends "$directory" "${names[@]##*/}" || continue
    printf '%s\n' "$path"
  done
}

# Links into any generation that this one does not have, a path a line.
# usage: left_links UNITS-OF-A-GENERATION
# shellcheck disable=SC2310,SC2312 # it asks
left_links() {
  local path
  [ -d "$owned" ] || return 0
  find "$owned" -mindepth 1 -maxdepth 2 -name '*.service' -type l -print0 | while IFS= read -r -d '' path; do
    [ -e "$1/${path#"$owned/"}" ] || ! into_generation "$path" || echo "$path"
  done
}

# Drift that is not this activation's to take away: in a directory of somebody else's, or for more units than its own.
not_ours() {
  [[ ! -w ${1%/*} || ( $1 == *service.d/* && $1 != *-stack.service.d/* ) ]]
}
