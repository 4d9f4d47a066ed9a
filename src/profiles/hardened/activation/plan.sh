# Sourced: which stacks are not as a generation declares them. Fills two lists of unit names: `stale`, whose unit does
# not run by its definition, and `broken`, whose unit does, but whose containers are not as declared. What
# `containers` says is in `seen`.
source "${0%/*}/../stack/stacks.sh"
stale=() broken=() seen=

plan() {
  local units=("$1"/*-stack.service) file variables definition wrong
  seen=$(containers)
  [ ${#units[@]} != 0 ] || return 0
  local -A now=()
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

# State and variables of each unit as systemd has it, by name in `now`. One that had lost its file while it ran, and has it
# back, is in error until a reload: it does not run by what it shows.
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
