# Sourced by rebuild and rollback: how Home Manager as a NixOS module switches to a generation.
profile=/nix/var/nix/profiles/system
unit=home-manager-$STACKFUZZ_USER.service
unit_file=/etc/systemd/system/$unit

# For programs (docs/profiles.md): only the profile has changed.
refused() { echo 'stackfuzz: refused' >&2; }

# One at a time: the second of two rebuilds waits for the first (facts-debian13 F98).
exec {lock}> /run/lock/stacks-rebuild
flock --nonblock "$lock" || {
  echo "waiting for another rebuild that is under way" >&2
  flock --timeout 240 "$lock" || { refused; echo "it does not end" >&2; exit 4; }
}

# The system unit names the generation. [fragment-is-current/edit-unit-rebuild] Without RemainAfterExit it never
# counts as active already, so every rebuild runs it (facts.md F37).
unit_text() {
  cat <<UNIT
[Unit]
Description=Home Manager environment for $STACKFUZZ_USER
Before=systemd-user-sessions.service
# A real rebuild takes longer than the 10 s in which systemd allows 5 starts; this one is faster.
StartLimitIntervalSec=0

[Service]
User=$STACKFUZZ_USER
Type=oneshot
TimeoutStartSec=5m
SyslogIdentifier=hm-activate-$STACKFUZZ_USER
# Otherwise systemctl writes to the journal and not to its stderr, and journald often does not know the unit of those lines.
Environment=SYSTEMD_LOG_TARGET=console
ExecStart=$1/activation/activate
UNIT
}

# Run the activation, also if the generation is the same: links and containers may have changed.
switch_to() {
  # shellcheck disable=SC2310 # it only prints, and the file can be written or cannot
  unit_text "$1" > "$unit_file" || { refused; exit 1; }
  systemctl daemon-reload
  since=$EPOCHREALTIME
  systemctl restart "$unit" || report_failure
  report
}

# The messages of the activation.
report() {
  journalctl --sync
  journalctl --quiet --output=cat --since="@$since" --identifier="hm-activate-$STACKFUZZ_USER" || true
}

# The same, then the message of nixos-rebuild, with its status.
report_failure() {
  report
  echo "warning: the following units failed: $unit" >&2
  exit 4
}
