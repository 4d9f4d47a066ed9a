import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from '../src/hosts/transport/shell.ts';

/** Milliseconds in which a bare systemd-nspawn boots this root to a running user manager, without anything of stackfuzz. */
export async function bareBoot(root: string, uid: number, count: number): Promise<number> {
  const state = `/run/stackfuzz-bench-${process.pid}-${count}`;
  const cgroups = ['unified', 'systemd'].map(kind => `/sys/fs/cgroup/${kind}/stackfuzz-bench-${process.pid}-${count}`);
  const present = cgroups.filter(path => existsSync(join(path, '..')));
  for (const path of [state, join(state, 'root')]) mkdirSync(path);
  mkdirSync(join(state, 'ram'));
  await must('mount', ['-t', 'tmpfs', 'tmpfs', join(state, 'ram')]);
  for (const name of ['upper', 'work']) mkdirSync(join(state, 'ram', name));
  const layers = `lowerdir=${root},upperdir=${state}/ram/upper,workdir=${state}/ram/work`;
  await must('mount', ['-t', 'overlay', 'overlay', '-o', layers, join(state, 'root')]);
  for (const path of present) mkdirSync(path);
  const enter = 'for g; do echo $$ > "$g/cgroup.procs"; done; exec systemd-nspawn -D "$STATE/root" $FLAGS';
  const begun = performance.now();
  const child = spawn('/bin/sh', ['-c', enter, 'sh', ...present], {
    stdio: 'ignore',
    detached: true,
    env: {
      ...process.env,
      STATE: state,
      FLAGS: '--boot --keep-unit --register=no --private-network --console=pipe --link-journal=no',
      SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
    },
  });
  try {
    while (!isUp(present, uid)) await sleep(5);
    return performance.now() - begun;
  } finally {
    for (const path of present) for (const pid of pidsIn(path)) kill(pid);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await must('umount', ['-l', join(state, 'root'), join(state, 'ram')]);
    rmSync(state, { recursive: true, force: true });
    // Its last processes still run when systemd-nspawn has ended: a cgroup can be removed when it is empty.
    while (present.some(path => pidsIn(path).length > 0)) await sleep(20);
    for (const path of present) await must('find', [path, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+']);
  }
}

/** Whether the socket of the user manager exists, seen through the root of any process of the machine. */
const isUp = (cgroups: readonly string[], uid: number): boolean =>
  cgroups.some(path => pidsIn(path).some(pid => existsSync(`/proc/${pid}/root/run/user/${uid}/systemd/private`)));

function pidsIn(cgroup: string): readonly number[] {
  try {
    const below = readdirSync(cgroup, { recursive: true, withFileTypes: true }).filter(entry => entry.isDirectory());
    const all = [cgroup, ...below.map(entry => join(entry.parentPath, entry.name))];
    return all.flatMap(path =>
      readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number),
    );
  } catch {
    return []; // a cgroup was removed while it was read
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // it had ended by itself
}
