# Sourced instead of home-manager's generation.sh: generations that are made from activation packages of the operator's
# own (docs/own-home-manager.md). `own-packages` has one line for each: its store path, the arguments of its activation,
# additional variables of its environment, its home directory, and its own units that run stacks; a dash means none.

# The closures are imported into the store as usual, which also checks that they are complete. An activation talks to the
# Nix daemon, as on NixOS.
prepare_machine() {
  local closure home
  for closure in "$STACKFUZZ_PROFILE"/../closures/*; do
    nix-store --import < "$closure" > /dev/null
    rm "$closure"
  done
  cat > /etc/systemd/system/nix-daemon.socket <<'UNIT'
[Unit]
Description=Nix daemon socket

[Socket]
ListenStream=/nix/var/nix/daemon-socket/socket
UNIT
  cat > /etc/systemd/system/nix-daemon.service <<'UNIT'
[Unit]
Description=Nix daemon
Requires=nix-daemon.socket

[Service]
ExecStart=/usr/bin/nix-daemon
UNIT
  mkdir -p /etc/systemd/system/sockets.target.wants
  ln -sfn ../nix-daemon.socket /etc/systemd/system/sockets.target.wants/nix-daemon.socket
  systemctl daemon-reload
  systemctl start nix-daemon.socket
  # Paths in the package's own home directory are replaced by paths in the operator's home directory.
  while IFS=$'\t' read -r _ _ _ home _; do
    [ "$home" = - ] || [ -e "$home" ] || { mkdir -p "${home%/*}" && ln -s "$(getent passwd "$STACKFUZZ_USER" | cut -d: -f6)" "$home"; }
  done < own-packages
}

# The package for the wanted declaration: the packages take turns, by the revision.
choose_package() {
  local lines revision
  mapfile -t lines < own-packages
  revision=$(grep -m1 -oP '^  "revision": \K[0-9]+' "$STACKFUZZ_WANTED/declaration.json")
  IFS=$'\t' read -r package arguments environment _ replaced <<<"${lines[(revision - 1) % ${#lines[@]}]}"
}

# The package's own files, without the units of stacks that run here by other units.
lay_under() {
  local unit
  choose_package
  cp -a "$(readlink -e "$package/home-files")/." "$1/"
  chmod -R u+w "$1"
  for unit in $replaced; do rm -f "$1/.config/systemd/user/$unit" "$1"/.config/systemd/user/*.{wants,requires}/"$unit"; done
}

# The package with another tree of links. The one line of its activation that names the package's own path now finds it by
# the path of the script: a store path cannot be known before its content is complete.
lay_out() {
  cp -a "$package/." "$1/"
  chmod -R u+w "$1"
  sed -i "s|$package|\$(readlink -e \"\${0%/*}\")|g" "$1/activate"
  ln -sfn "$2" "$1/home-files"
  [ ! -e "$1/bin/home-manager-generation" ] || ln -sfn ../activate "$1/bin/home-manager-generation"
  printf '%s\t%s\n' "$arguments" "$environment" > "$1/activated-by"
}

activated_by() {
  local arguments environment
  IFS=$'\t' read -r arguments environment < "$1/activated-by"
  [ "$arguments" != - ] || arguments=
  [ "$environment" = - ] || echo "Environment=$environment"
  echo Environment=NIX_REMOTE=daemon
  echo "ExecStart=$STACKFUZZ_PROFILE/activation/setup-env $1/activate $arguments"
}

# Before its step linkGeneration an activation has changed only Home Manager's own profile; it prints the names of its steps.
was_refused() { [[ $1 != *linkGeneration* ]]; }
