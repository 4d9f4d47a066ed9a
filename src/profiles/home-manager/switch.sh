# Sourced by rebuild and rollback: how Home Manager as a NixOS module switches to a generation.
source ./generation.sh
profile=/nix/var/nix/profiles/system
unit=home-manager-$STACKFUZZ_USER.service
unit_file=/etc/systemd/system/$unit

# For programs (docs/profiles.md): only the profile has changed.
refused() { echo 'stackfuzz: refused' >&2; }

# Two switches at the same time: the second gives up (nixpkgs, "aborts on already locked lock file").
take_lock() {
  mkdir -p /run/nixos
  exec {lock}> /run/nixos/switch-to-configuration.lock
  flock --nonblock "$lock" || { refused; echo "Could not acquire lock" >&2; exit 1; }
}

# The system unit names the generation. RemainAfterExit is that of the homelab's pin (facts.md F37), unless a profile sets
# another value.
unit_text() {
  local activated
  activated=$(activated_by "$1")
  cat <<UNIT
[Unit]
Description=Home Manager environment for $STACKFUZZ_USER
Before=systemd-user-sessions.service
# A real rebuild takes longer than the 10 s in which systemd allows 5 starts; this one is faster.
StartLimitIntervalSec=0

[Service]
User=$STACKFUZZ_USER
Type=oneshot
RemainAfterExit=${HOME_MANAGER_REMAINS:-yes}
TimeoutStartSec=5m
SyslogIdentifier=hm-activate-$STACKFUZZ_USER
# Otherwise systemctl writes to the journal and not to its stderr, and journald often does not know the unit of those lines.
Environment=SYSTEMD_LOG_TARGET=console
$(<"$1/backup-environment")
$activated
UNIT
}

# Run the activation only if the unit's text changed or its last run failed: an unchanged generation is not activated
# again, whatever happened to its links (facts.md F37, defect D09).
switch_to() {
  local text
  take_lock
  text=$(unit_text "$1")
  since=$EPOCHREALTIME
  if [ -e "$unit_file" ] && [ "$(<"$unit_file")" = "$text" ]; then
    systemctl start "$unit" || report_failure
    return
  fi
  printf '%s\n' "$text" > "$unit_file" || { refused; exit 1; }
  systemctl daemon-reload
  systemctl restart "$unit" || report_failure
}

# Print what nixos-rebuild prints, with its status, and the messages of the activation itself.
report_failure() {
  local said
  journalctl --sync
  # Not by the invocation: of a process that had ended when journald read its output, journald may not know it any more.
  said=$(journalctl --quiet --output=cat --since="@$since" --identifier="hm-activate-$STACKFUZZ_USER" || true)
  printf '%s\n' "$said"
  # shellcheck disable=SC2310 # a question
  if was_refused "$said"; then refused; fi
  echo "warning: the following units failed: $unit" >&2
  exit 4
}
