# Sourced: which stacks are not as a generation declares them. It fills two lists of unit names: `stale`, units that
# do not run by their definition, and `broken`, units that do, but whose containers are not as declared. `seen` holds
# the output of `containers`, and `now` what systemd says about each unit.
source "${0%/*}/../stack/stacks.sh"
stale=() broken=() seen=
declare -A now=()

plan() {
  local units=("$1"/*-stack.service) file variables definition wrong
  seen=$(containers)
  [ ${#units[@]} != 0 ] || return 0
  look_at_units
  for file in "${units[@]}"; do
    variables=$(variables_in "$file")
    if [ "${now[${file##*/}]-}" != "active loaded $variables" ]; then
      stale+=("${file##*/}")
      continue
    fi
    definition=$(definition_in "$file")
    wrong=$(wrong_containers "$file" "$definition" "$seen")
    [ -z "$wrong" ] || broken+=("${file##*/}")
  done
}

# The state and the variables of each unit as systemd has it, by name in `now`. A unit whose file was removed while it ran,
# and is there again, is in error until a reload: it does not run by what it shows.
look_at_units() {
  local line shown
  local -A said=()
  shown=$(systemctl --user show -p Id,ActiveState,LoadState,Environment "${units[@]##*/}")
  while read -r line; do
    if [ -n "$line" ]; then
      said[${line%%=*}]=${line#*=}
      continue
    fi
    now[${said[Id]}]="${said[ActiveState]} ${said[LoadState]} ${said[Environment]-}"
    said=()
  done <<<"$shown"$'\n'
}
