import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cgroupsOf } from '../register/cgroup.ts';
import { directoryOf } from '../register/register.ts';
import { nspawnName } from './nspawn.ts';
import { mountsBelow } from './take-down.ts';

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/**
 * Everything that a machine of this name has on the computer that runs it, one sentence each; empty after it was taken down.
 */
export function tracesOf(name: string): readonly string[] {
  const directory = directoryOf(name);
  const processes = readdirSync('/proc')
    .filter(pid => /^\d+$/.test(pid))
    .map(pid => [pid, commandLine(pid)] as const)
    .filter(([, command]) => command.includes(`--machine=${nspawnName(name)} `));
  return [
    ...mountsBelow(directory).map(point => `${point} is mounted`),
    ...processes.map(([pid, command]) => `process ${pid} runs: ${command}`),
    ...cgroupsOf(name)
      .filter(cgroup => existsSync(cgroup))
      .map(cgroup => `${cgroup} is there`),
    ...(existsSync(directory) ? [`${directory} is there`] : []),
  ];
}
