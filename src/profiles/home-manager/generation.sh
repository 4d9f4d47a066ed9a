# Sourced: what a generation of Home Manager holds beside the stacks, and how it is activated. `--home-manager` puts a file
# of the same functions in this one's place (docs/own-home-manager.md).

# What a machine needs before its first generation.
prepare_machine() { :; }

# What the tree of links holds before the stacks' units are put into it.
lay_under() { :; }

# Stages a generation with the tree of links $2 of the store at $1.
lay_out() {
  cp -r activation "$1/"
  ln -s "$2" "$1/home-files"
  : > "$1/forced-paths"
  # shellcheck disable=SC2154 # of rebuild
  [ "$collision" != force ] || printf '.config/systemd/user/%s\n' "${units[@]}" > "$1/forced-paths"
}

# The lines by which the system unit activates the generation $1.
activated_by() { echo "ExecStart=$1/activation/setup-env $1/activation/activate"; }

# Whether an activation that failed, with the output $1, had changed nothing yet. Ours says so itself.
was_refused() { return 1; }
