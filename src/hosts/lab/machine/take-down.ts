import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../transport/shell.ts';
import { cgroupsOf, removeCgroups } from '../register/cgroup.ts';
import { kill } from '../register/process.ts';
import { directoryOf, entryOf, isOdd, ownProcess, unregister } from '../register/register.ts';
import { nspawnName } from './nspawn.ts';

/** Mount points below a directory, the innermost first. */
export const mountsBelow = (directory: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map(line =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
    )
    .filter(point => point.startsWith(`${directory}/`))
    .reverse();

/**
 * Takes the machine of this name down at once and completely: processes, mounts, cgroups, files. Everything that belongs to it
 * follows from its name. Another process may do the same at the same time.
 */
export async function takeDown(name: string): Promise<void> {
  const directory = directoryOf(name);
  const entry = entryOf(name);
  if (entry !== null && !isOdd(entry)) {
    const leader = ownProcess(entry, 'leader');
    if (leader !== null) kill(leader); // the kernel kills the rest of its PID namespace, and systemd-nspawn ends
    for (let wait = 0; ; wait++) {
      const nspawn = ownProcess(entry, 'nspawn');
      if (nspawn === null) break;
      if (wait === 300 || leader === null) kill(nspawn);
      if (wait === 3000) throw new Error(`${name}: systemd-nspawn (process ${nspawn.pid}) cannot be killed`);
      await sleep(10);
    }
  }
  const cgroups = await removeCgroups(cgroupsOf(name));
  removeNspawnLock(join(directory, 'root'));
  for (const point of mountsBelow(directory)) {
    const { stderr } = await run('umount', ['-l', point]);
    if (mountsBelow(directory).includes(point)) throw new Error(`${name}: ${stderr.trim()}`);
  }
  rmSync(join('/run/systemd/nspawn/propagate', nspawnName(name)), { recursive: true, force: true });
  unregister(name);
  if (cgroups.length > 0) throw new Error(`${name}: cgroups could not be removed: ${cgroups.join(' ')}`);
}

/** The file by which systemd-nspawn locks a root: it stays if systemd-nspawn was killed. */
function removeNspawnLock(root: string): void {
  if (!mountsBelow(join(root, '..')).includes(root)) return; // its numbers are another file system's
  const { dev, ino } = statSync(root);
  rmSync(`/run/systemd/nspawn/locks/inode-${dev}:${ino}`, { force: true });
}
