# Sourced: which files belong to a generation, and which links to Home Manager.

# A link whose target matches belongs to Home Manager, whatever generation it leads to (facts.md F26).
home_file_pattern="$(readlink -e "${NIX_STORE_DIR:-/nix/store}")/*-home-manager-files/*"

# Put the files and links of a tree, relative to it, into the array `leaves`. Home Manager takes them in the order of
# the directory; here they are sorted by depth, so that two machines do the same.
leaves_of() {
  # The loop is the end of a pipe, in this shell: to wait for a process substitution once gave 255, although nothing had failed.
  shopt -s lastpipe
  find "$1" \( -type f -o -type l \) -printf '%d/%P\0' | sort -z -t/ -k1,1n -k2 | mapfile -d '' -t leaves
  leaves=("${leaves[@]#*/}")
}

# shellcheck disable=SC2312 # what is no link leads nowhere
into_generation() { [[ $(readlink "$1") == $home_file_pattern ]]; }
