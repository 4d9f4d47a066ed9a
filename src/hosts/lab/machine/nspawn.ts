import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sick } from '../../../../models/host.ts';
import { processesIn } from '../register/cgroup.ts';
import { initAmong, type Proc } from '../register/process.ts';
import { tmpfsOptions } from './memory.ts';

/** A machine's name for systemd-nspawn; no machine of others has such a name. */
export const nspawnName = (name: string): string => `stackfuzz-${name}`;

/** Arguments of systemd-nspawn for a machine whose files are in this directory. */
const nspawnArguments = (name: string, directory: string): readonly string[] => [
  `--directory=${join(directory, 'root')}`,
  '--boot',
  '--keep-unit', // systemd need not run outside
  '--register=no',
  '--settings=no', // a .nspawn file that somebody keeps for a machine of this name is not meant for ours
  `--machine=${nspawnName(name)}`,
  '--private-network', // loopback only
  '--console=pipe',
  '--link-journal=no',
  '--system-call-filter=@keyring bpf', // crun needs both
  `--tmpfs=/var/lib/containers:${tmpfsOptions()}`, // root's podman cannot put an overlay upon an overlay
  `--bind=${join(directory, 'ram/home')}:/home`, // a tmpfs, so that the operator's podman can use native overlay
  `--bind=${join(directory, 'ram/dev/fuse')}:/dev/fuse`,
  `--bind=${join(directory, 'ram/dev/tun')}:/dev/net/tun`,
  '--',
  '--show-status=auto', // for systemd: tell the console what fails and what takes long
];

const enter = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit 99; shift; done; shift; exec "$@"';

/**
 * The arguments of a shell that enters a machine's cgroups and then becomes a command (facts-debian13 F69). A process that is
 * started like this is found and ended even if its run was killed.
 */
export const inCgroups = (cgroups: readonly string[], command: readonly string[]): readonly string[] => [
  ...['-c', enter, 'sh', ...cgroups, '--', ...command],
];

/** The file for the machine's console output: beside its other files, whose size is limited. */
const consoleOf = (directory: string): string => join(directory, 'ram/console.log');

/** The end of what the console said. */
export function consoleText(directory: string, bytes = 65_536): string {
  let log: number;
  try {
    log = openSync(consoleOf(directory), 'r');
  } catch {
    return ''; // it did not come so far
  }
  try {
    const { size } = fstatSync(log);
    const text = Buffer.alloc(Math.min(size, bytes));
    return text.toString('utf8', 0, readSync(log, text, 0, text.length, size - text.length));
  } finally {
    closeSync(log);
  }
}

/** Starts systemd-nspawn in cgroups of its own and in a session of its own, so that Ctrl-C here does not reach it. */
export function launch(name: string, directory: string, cgroups: readonly string[]): ChildProcess {
  const log = openSync(consoleOf(directory), 'a');
  const child = spawn('/bin/sh', inCgroups(cgroups, ['systemd-nspawn', ...nspawnArguments(name, directory)]), {
    stdio: ['ignore', log, log],
    detached: true,
    env: {
      PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin',
      SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1', // cgroup v2 inside, even if cgroups are hybrid outside
      SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network', // rootless networking writes to /proc/sys/net
    },
  });
  closeSync(log);
  child.unref();
  return child;
}

/** PID 1 of the machine that systemd-nspawn starts. */
export async function leaderOf(
  nspawn: number,
  cgroups: readonly string[],
  givenUp: () => string | null,
): Promise<Proc> {
  for (;;) {
    const leader = initAmong(processesIn(cgroups), nspawn);
    if (leader !== null) return leader;
    const why = givenUp();
    if (why !== null) throw new Sick(why);
    await sleep(5);
  }
}
