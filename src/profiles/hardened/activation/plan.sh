# Sourced: which stacks are not as a generation declares them. Fills two lists of unit names: `stale`, whose unit does
# not run by its definition, and `broken`, whose unit does, but with containers that are not as declared.
source "${0%/*}/../stack/stacks.sh"
stale=() broken=()

plan() {
  local units=("$1"/*-stack.service) file seen wrong
  [ ${#units[@]} != 0 ] || return 0
  seen=$(containers)
  local -A now=()
  look_at_units
  for file in "${units[@]}"; do
    wrong=$(wrong_containers "$file" "$(definition_hash "$file")" "$seen")
    if [[ ${now[${file##*/}]-} != "$(as_declared "$file")" || $wrong == *'another definition'* ]]; then
      stale+=("${file##*/}")
    elif [ -n "$wrong" ]; then
      broken+=("${file##*/}")
    fi
  done
}

# State, fragment, drop-ins and environment of each unit as systemd has it, by name in `now`.
look_at_units() {
  local line
  local -A said=()
  while read -r line; do
    if [ -n "$line" ]; then
      said[${line%%=*}]=${line#*=}
      continue
    fi
    now[${said[Id]}]="${said[ActiveState]} ${said[FragmentPath]} ${said[DropInPaths]} ${said[Environment]}"
  done < <(systemctl --user show -p Id,ActiveState,FragmentPath,DropInPaths,Environment "${units[@]##*/}"; echo)
}

# The same of a unit that runs by this file and nothing else.
as_declared() { echo "active $owned/${1##*/}  $(sed -n 's/^Environment=//p' "$1" | paste -sd ' ')"; }
