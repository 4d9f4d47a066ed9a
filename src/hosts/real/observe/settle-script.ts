/** Bash: which containers may still change, and the loop of looks until the machine is at rest. */
export const settling = String.raw`
# Of each container as it was inspected: its id, state, times, processes, policy, and when its health was last probed. Then
# the processes that there are, and whether it was half a look. Bash is slow at looking for something in a text as long as a look.
words_of() {
  tr '\n' ' ' <<<"$seen" | grep -oE '@@ torn|@@ pids( /proc/[0-9]+)*|"Id": ?"[0-9a-f]{64}", *"Created"|"(Status|StartedAt|FinishedAt|Start)": ?"[^"]*"|"(Pid|ConmonPid|RestartCount)": ?[0-9]+|"RestartPolicy": ?\{ *"Name": ?"[^"]*"'
}

# What may still move, into the array unsettled, a line each: a container's id, the reasons, and all that changes when it moves.
find_unsettled() {
  local words word value alive= id= states=() times=() pids=() count= policy= probed=
  unsettled=() passing=no torn=no
  mapfile -t words < <(words_of)
  for word in "\${words[@]}"; do
    case $word in '@@ pids'*) alive="\${word#@@ pids} ";; '@@ torn') torn=yes;; esac
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

# One container: the first state is its own, the second that of its health; the first process its own, the second its monitor.
judge() {
  local reasons=() pid
  case \${states[0]} in
    # Without a manager it may stay so for good, since what was to end it has ended itself.
    stopping|restarting) if [ "$manager" = running ]; then passing=yes; else reasons+=(\${states[0]}); fi;;
    # It stays so where what should have cleaned up after it was killed together with the manager; podman ps calls it exited.
    stopped) reasons+=(stopped);;
    running)
      # Podman says that a process runs which is gone: for a moment after a death, for good after a violent one.
      for pid in "\${pids[@]}"; do
        [ "$pid" = 0 ] || [[ $alive == *" /proc/$pid "* ]] || reasons+=("lost-$pid")
      done
      # Its first probe runs at its start; where it came to nothing the next one is an interval away.
      [ "\${states[1]-}" != starting ] || [[ $probed > \${times[0]} ]] || reasons+=(starting);;
  esac
  # Podman takes the health timer of a container away a moment after its death.
  [ "\${states[0]}" = running ] || ! [[ $units =~ \"$id[^\"]*\.timer\" ]] || reasons+=(timer)
  # Podman may be at a death: what its policy says to run again is exited until then.
  case \${states[0]}-$policy in exited-always|exited-unless-stopped|stopped-always|stopped-unless-stopped) reasons+=(policy);; esac
  [ \${#reasons[@]} = 0 ] || unsettled+=("$id \${reasons[*]} \${states[*]} \${times[*]} \${pids[*]} $count $probed")
}

# Whether a process is at work on one of these containers: its monitor, a clean-up, a probe. Each has the id for an argument.
is_at_work() {
  local item ids=()
  for item; do ids+=(-e "\${item%% *}"); done
  set +f; grep -qszxF "\${ids[@]}" /proc/[0-9]*/cmdline; local is=$?; set -f
  return $is
}

is_cleaned_up() { set +f; grep -qsz '^cleanup$' /proc/[0-9]*/cmdline; local is=$?; set -f; [ $is != 0 ]; }

# What was waited for at the last look and is the same now did not move, and is not waited for again. All else is looked at until
# it does not change any more: five times where no process is at work on it, twenty times where one is. Where all there is to
# wait for is a policy, no clean-up going on is enough, which takes a second look to tell.
quiet_containers() {
  local item now torn awaited=() most=20 busy=no
  find_unsettled
  # Half a look is none: what it looked at may have gone away meanwhile, so it is taken again.
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

halts=0 looks=0 before= unsettled=() begun=\${EPOCHREALTIME/./}
while :; do
  late=$((SECONDS >= bound))
  ask_manager
  if [ $late = 1 ] || quiet_manager; then
    at=\${EPOCHREALTIME/./}
    seen=$(look)
    ask_manager
    rested=no
    : $((looks++))
    quiet_containers && quiet_manager && rested=yes
    [ $rested = yes ] || [ $late = 1 ] && break
  fi
  sleep 0.05
done
section rested; echo "$rested $manager $EPOCHSECONDS $looks $(((at - begun) / 1000))"
section halted; [ \${#unsettled[@]} = 0 ] || printf '%s\n' "\${unsettled[@]}"
printf '%s\n' "$seen"
section listing; printf '%s\n' "$units"
`.replaceAll('\\${', '${');
