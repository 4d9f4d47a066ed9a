# Sourced: what a generation of Home Manager contains besides the stacks, and how it is activated. `--home-manager`
# replaces this file by one with the same functions (docs/own-home-manager.md).

# What a machine needs before its first generation.
prepare_machine() { :; }

# What the tree of links contains before the stacks' units are added.
lay_under() { :; }

# Prepare a generation with the tree of links $2 of the store at $1.
lay_out() {
  cp -r activation "$1/"
  ln -s "$2" "$1/home-files"
  : > "$1/forced-paths"
  # shellcheck disable=SC2154 # of rebuild
  [ "$collision" != force ] || printf '.config/systemd/user/%s\n' "${units[@]}" > "$1/forced-paths"
}

# The lines with which the system unit activates the generation $1.
activated_by() { echo "ExecStart=$1/activation/setup-env $1/activation/activate"; }

# Whether an activation that failed, with the output $1, had changed nothing yet. Ours reports that itself.
was_refused() { return 1; }
