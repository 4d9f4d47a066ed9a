# Sourced: what counts as a file of a generation, and as a link of Home Manager's.

# A link whose target matches belongs to Home Manager, whichever generation it is of (facts.md F26).
home_file_pattern="$(readlink -e "${NIX_STORE_DIR:-/nix/store}")/*-home-manager-files/*"

# The files and links of a tree, relative to it, into the array `leaves`. Home Manager takes them as the directory gives
# them; here the shallower come first, so that two machines do the same.
leaves_of() {
  # The end of a pipe, and in this shell: to wait for a process substitution once ended with 255, and nothing had failed.
  shopt -s lastpipe
  find "$1" \( -type f -o -type l \) -printf '%d/%P\0' | sort -z -t/ -k1,1n -k2 | mapfile -d '' -t leaves
  leaves=("${leaves[@]#*/}")
}

# shellcheck disable=SC2312 # what is no link leads nowhere
into_generation() { [[ $(readlink "$1") == $home_file_pattern ]]; }
