#!/bin/bash
# Lay out the files of one machine: a fresh overlay over built layers, and a home of its own.
# usage: prepare.sh STATE LOWER[:LOWER...] AGENT AGENT_PATH OPERATOR UID [HOME]
set -euo pipefail
state=$1 lowers=$2 agent=$3 agent_path=$4 operator=$5 uid=$6 home=${7:-}
mkdir -p "$state/ram" "$state/root"
mount -t tmpfs -o mode=755 tmpfs "$state/ram"
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
mkdir -p "$state/root${agent_path%/*}"
install -m 644 "$agent" "$state/root$agent_path"
