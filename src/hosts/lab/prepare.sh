#!/bin/bash
# Lay out the files of one machine: a fresh overlay over built layers, and a home of its own, in a file system in memory.
# Nothing is written into the machine's root from here: its links would be followed on this computer.
# usage: prepare.sh STATE TMPFS_OPTIONS LOWER[:LOWER...] OPERATOR UID [HOME]
set -euo pipefail
state=$1 bounds=$2 lowers=$3 operator=$4 uid=$5 home=${6:-}
mkdir "$state/ram" "$state/root"
mount -t tmpfs -o "$bounds" tmpfs "$state/ram"
mkdir "$state"/ram/{upper,work,home,dev}
mount -t overlay overlay -o "lowerdir=$lowers,upperdir=$state/ram/upper,workdir=$state/ram/work" "$state/root"
if [ -n "$home" ]; then
  cp -a --reflink=auto "$home/." "$state/ram/home/"
else
  install -d -m 755 -o "$uid" -g "$uid" "$state/ram/home/$operator"
fi
# Podman needs both, writable for everybody; a machine's own /dev has neither.
mknod -m 666 "$state/ram/dev/fuse" c 10 229
mknod -m 666 "$state/ram/dev/tun" c 10 200
