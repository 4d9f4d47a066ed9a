import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../../files.ts';
import { machineName } from './names.ts';
import { kill, procOf } from './process.ts';

/** Mount points of the hierarchies in which systemd keeps units: cgroup2, and name=systemd if cgroups are hybrid. */
export function hierarchies(mountinfo: string): readonly string[] {
  return mountinfo.split('\n').flatMap(line => {
    const [left = '', right = ''] = line.split(' - ');
    const [type, , options = ''] = right.split(' ');
    const at = left.split(' ')[4];
    const ours = type === 'cgroup2' || (type === 'cgroup' && options.split(',').includes('name=systemd'));
    return ours && at !== undefined ? [at] : [];
  });
}

/** The cgroups of a machine of this name, one in each hierarchy. */
export function cgroupsOf(name: string): readonly string[] {
  return hierarchies(readFileSync('/proc/self/mountinfo', 'utf8')).map(at =>
    join(at, `stackfuzz-${machineName(name)}`),
  );
}

/** Makes the cgroups of a machine; they must exist before systemd-nspawn starts (facts-debian13 F69). */
export function makeCgroups(cgroups: readonly string[]): void {
  for (const cgroup of cgroups) {
    try {
      mkdirSync(cgroup);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

function tree(cgroup: string): string[] {
  try {
    const below = readdirSync(cgroup, { withFileTypes: true }).filter(entry => entry.isDirectory());
    return [...below.flatMap(entry => tree(join(cgroup, entry.name))), cgroup];
  } catch {
    return [];
  }
}

function processesOf(cgroup: string): number[] {
  try {
    return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** PIDs of the processes in these cgroups and below. */
export const processesIn = (cgroups: readonly string[]): readonly number[] => [
  ...new Set(cgroups.flatMap(tree).flatMap(processesOf)),
];

/** Kills what is left in a machine's own cgroups, and removes them; returns what could not be removed. */
export async function removeCgroups(cgroups: readonly string[]): Promise<readonly string[]> {
  for (let attempt = 0; ; attempt++) {
    for (const pid of processesIn(cgroups)) {
      const proc = pid > 1 && pid !== process.pid ? procOf(pid) : null;
      if (proc !== null) kill(proc);
    }
    const left = cgroups.flatMap(tree).filter(cgroup => !removed(cgroup));
    if (left.length === 0 || attempt === 200) return left;
    await sleep(20);
  }
}

function removed(cgroup: string): boolean {
  try {
    rmdirSync(cgroup);
    return true;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}
