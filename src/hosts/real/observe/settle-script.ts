/** Bash: which containers may still change, and the loop of looks until the machine is at rest. */
export const settling = String.raw`
# For each container that was inspected: its id, state, times, processes, policy, and the time of the last probe. Then the
# processes that exist, and whether the look was incomplete; each ends with a zero byte. Bash itself is slow at searching in a
# text as long as a look.
words_of() {
  grep -zoE '@@ torn|@@ pids(\s/proc/[0-9]+)*|"Id": ?"[0-9a-f]{64}",\s*"Created"|"(Status|StartedAt|FinishedAt|Start)": ?"[^"]*"|"(Pid|ConmonPid|RestartCount)": ?[0-9]+|"RestartPolicy": ?\{\s*"Name": ?"[^"]*"' <<<"$seen"
}

# Puts what may still change into the array unsettled: a container's id, the reasons, and all that changes when it does.
find_unsettled() {
  local words word value alive= id= states=() times=() pids=() count= policy= probed=
  unsettled=() passing=no torn=no
  mapfile -d '' -t words < <(words_of)
  for word in "\${words[@]}"; do
    case $word in '@@ pids'*) alive=" \${word#@@ pids?} ";; '@@ torn') torn=yes;; esac
  done
  for word in "\${words[@]}" '"Id"'; do
    value=\${word%\"}
    case $word in
      @@*) ;;
      '"Id"'*)
        [ -z "$id" ] || judge
        id=\${word:6:66} id=\${id//[^0-9a-f]/}
        states=() times=() pids=() count= policy= probed=;;
      '"Status"'*) states+=("\${value##*\"}");;
      '"StartedAt"'*|'"FinishedAt"'*) times+=("\${value##*\"}");;
      '"Start"'*) probed=\${value##*\"};;
      '"RestartPolicy"'*) policy=\${value##*\"};;
      '"RestartCount"'*) count=\${value##*[: ]};;
      *) pids+=("\${value##*[: ]}");;
    esac
  done
}

# One container: the first state is its own, the second is its health; the first process is its own, the second its conmon.
judge() {
  local reasons=() pid
  case \${states[0]} in
    # Without a manager this may last for ever, because the program that should end it has ended.
    stopping|restarting) if [ "$manager" = running ]; then passing=yes; else reasons+=(\${states[0]}); fi;;
    # It stays so if its clean-up was killed together with the manager; podman ps calls it exited.
    stopped) reasons+=(stopped);;
    running)
      # Podman lists a process that is gone: for a moment after it ended, for ever if its conmon was killed.
      for pid in "\${pids[@]}"; do
        [ "$pid" = 0 ] || [[ $alive == *" /proc/$pid "* ]] || reasons+=("lost-$pid")
      done
      # Its first probe runs at its start; if that one had no result, the next one comes after an interval.
      [ "\${states[1]-}" != starting ] || [[ $probed > \${times[0]} ]] || reasons+=(starting);;
  esac
  # Podman removes the health timer of a container a moment after its end.
  [ "\${states[0]}" = running ] || ! [[ $units =~ \"$id[^\"]*\.timer\" ]] || reasons+=(timer)
  # Podman may just handle its end: a container that its policy starts again is exited until then.
  case \${states[0]}-$policy in exited-always|exited-unless-stopped|stopped-always|stopped-unless-stopped) reasons+=(policy);; esac
  [ \${#reasons[@]} = 0 ] || unsettled+=("$id \${reasons[*]} \${states[*]} \${times[*]} \${pids[*]} $count $probed")
}

# Whether a process works on one of these containers: its conmon, a clean-up, a probe. Each has the id as an argument.
is_at_work() {
  local item ids=()
  for item; do ids+=(-e "\${item%% *}"); done
  set +f; grep -qszxF "\${ids[@]}" /proc/[0-9]*/cmdline; local is=$?; set -f
  return $is
}

is_cleaned_up() { set +f; grep -qsz '^cleanup$' /proc/[0-9]*/cmdline; local is=$?; set -f; [ $is != 0 ]; }

# What the last look waited for and is unchanged now is not waited for again. Everything else is looked at until it no longer
# changes: five times if no process works on it, twenty times if one does. If only a restart policy is waited for, it is enough
# that no clean-up runs; a second look is needed to know that.
quiet_containers() {
  local item now torn awaited=() most=20 busy=no
  find_unsettled
  # An incomplete look is taken again: a container may have gone while it was looked at.
  if [ $torn = yes ]; then [ $((++halts)) -gt 20 ]; return; fi
  for item in "\${unsettled[@]}"; do
    [[ "$still" == *$'\n'"$item"$'\n'* ]] || awaited+=("$item")
  done
  [ $passing = no ] || { halts=0; return 1; }
  [ \${#awaited[@]} != 0 ] || { halts=0; return 0; }
  if is_at_work "\${awaited[@]}"; then busy=yes; else most=4; fi
  now="$busy \${awaited[*]}"
  [ "$now" = "$before" ] || halts=0
  before=$now
  for item in "\${awaited[@]}"; do [[ $item == "\${item%% *} policy "* ]] || { item=; break; }; done
  [ -z "$item" ] || [ $halts = 0 ] || ! is_cleaned_up || return 0
  [ $((++halts)) -gt $most ]
}

halts=0 looks=0 waiting=no before= unsettled=() begun=\${EPOCHREALTIME/./}
while :; do
  late=$((SECONDS >= bound))
  ask_manager
  if [ $late = 1 ] || quiet_manager; then
    at=\${EPOCHREALTIME/./}
    # While containers are waited for nothing else is looked at; what counts in the end is a whole look.
    if [ $waiting = no ] || [ $late = 1 ]; then whole=yes seen=$(look); else whole=no seen=$(glance); fi
    ask_manager
    rested=no
    : $((looks++))
    if quiet_containers; then waiting=no; else waiting=yes; fi
    [ $waiting = yes ] || ! quiet_manager || rested=yes
    if [ $whole = no ]; then [ $rested = no ] || continue
    else [ $rested = no ] && [ $late = 0 ] || break; fi
  fi
  sleep 0.05
done
section rested; echo "$rested $manager $EPOCHSECONDS $looks $(((at - begun) / 1000))"
section halted; [ \${#unsettled[@]} = 0 ] || printf '%s\n' "\${unsettled[@]}"
printf '%s\n' "$seen"
section listing; printf '%s\n' "$units"
`.replaceAll('\\${', '${');
