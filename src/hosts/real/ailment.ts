import { Sick } from '../../../models/host.ts';
import { type Deployment, siteOf } from '../deployment.ts';
import { runtimeOf } from '../paths.ts';
import { quoted } from '../transport/quote.ts';
import { filledOnPurpose } from './levers/fault.ts';
import { profileDirectory } from './levers/profile.ts';

/** System services that everything needs; the user manager is under test, so it is not one of them. */
const services = ['dbus.service', 'systemd-journald.service', 'systemd-logind.service'];

/** Free space that a file system must have, for what a rebuild and a start write; on a small one a twentieth is enough. */
const room = { bytes: 16 * 2 ** 20, inodes: 500 };
/** Memory that must be available, in KiB, for a start of a stack. */
const memoryKiB = 64 * 2 ** 10;

/**
 * One script, as root, that asks a machine whether it is well: free space on every file system that is written to, memory, how
 * many processes the kernel has killed for lack of it, and failed services. It prints facts; `ailmentsIn` judges them.
 */
export function ailmentScript(deployment: Pick<Deployment, 'operator' | 'site'>): string {
  const { operator } = deployment;
  const { registryUnit } = siteOf(deployment);
  const asked = [...services, ...(registryUnit === null ? [] : [registryUnit])];
  const places = [
    ...[
      '/',
      '/etc',
      '/tmp',
      '/var/tmp',
      '/run',
      '/dev/shm',
      '/nix/store',
      '/nix/var/nix',
      profileDirectory(deployment),
    ],
    ...[operator.home, `${operator.home}/.local/share/containers`, runtimeOf(operator)],
  ];
  // A directory that does not exist is no ailment: df reports it on standard error, and shows the others.
  return `export LC_ALL=C
echo '@@ disks'
df -B 1 --output=source,size,avail,itotal,iavail,target -- ${places.map(quoted).join(' ')} 2> /dev/null
echo '@@ memory'
while read -r name value _; do [ "$name" != MemAvailable: ] || echo "$value"; done < /proc/meminfo
echo '@@ killed'
# Those of this machine, if its cgroup counts them; else those of the whole kernel.
counter=/proc/vmstat
[ ! -r /sys/fs/cgroup/memory.events ] || counter=/sys/fs/cgroup/memory.events
while read -r name value; do [ "$name" != oom_kill ] || echo "$value"; done < "$counter"
echo '@@ services'
systemctl show -p Id,ActiveState,Result ${asked.map(quoted).join(' ')}
echo '@@ end'`;
}

/** What a machine answered. */
interface Answer {
  readonly disks: readonly Disk[];
  /** KiB. */
  readonly memory: number;
  /** Number of processes that the kernel has killed so far for lack of memory. */
  readonly killed: number;
  readonly failed: readonly string[];
}

interface Disk {
  readonly source: string;
  readonly target: string;
  readonly size: number;
  readonly free: number;
  readonly inodes: number;
  readonly freeInodes: number;
}

function answerIn(output: string): Answer {
  const parts = new Map(
    output.split(/^@@ /m).map(part => {
      const [name = '', ...lines] = part.trimEnd().split('\n');
      return [name, lines] as const;
    }),
  );
  if (!parts.has('end'))
    throw new Sick(`the machine does not say whether it is well; it says:\n${output.slice(0, 500)}`);
  const disks = (parts.get('disks') ?? []).slice(1).map(line => {
    const [source = '', size, free, inodes, freeInodes, ...target] = line.trim().split(/\s+/);
    const number = (word: string | undefined) => Number(word) || 0; // `-` if a file system does not count them
    return {
      source,
      target: target.join(' '),
      size: number(size),
      free: number(free),
      inodes: number(inodes),
      freeInodes: number(freeInodes),
    };
  });
  const blocks = (parts.get('services') ?? []).join('\n').split('\n\n');
  const said = blocks.map(block => new Map(block.split('\n').map(line => line.split(/=(.*)/s, 2) as [string, string])));
  const failed = said
    .filter(unit => unit.get('ActiveState') === 'failed')
    .map(unit => `${unit.get('Id')} has failed (${unit.get('Result')})`);
  const count = (name: string) => Number(parts.get(name)?.[0] ?? 0);
  return { disks, memory: count('memory'), killed: count('killed'), failed };
}

/** Number of processes that the kernel had killed by then for lack of memory; compared with a later answer. */
export const killedBy = (output: string): number => answerIn(output).killed;

/**
 * What is wrong with a machine, one phrase each; empty if it is well. What a step has filled on purpose does not count.
 * @param killedBefore the result of `killedBy` when the machine was fresh
 */
export function ailmentsIn(output: string, killedBefore: number): readonly string[] {
  const { disks, memory, killed, failed } = answerIn(output);
  const checked = disks.filter(({ source }) => source !== filledOnPurpose);
  const full = checked.flatMap(({ target, size, free, inodes, freeInodes }) => [
    ...(size > 0 && free < Math.min(room.bytes, size / 20) ? [`${target} has ${free} bytes left`] : []),
    ...(inodes > 0 && freeInodes < Math.min(room.inodes, inodes / 20)
      ? [`${target} has ${freeInodes} inodes left`]
      : []),
  ]);
  return [
    ...new Set(full),
    ...(memory < memoryKiB ? [`it has ${memory} KiB of memory left`] : []),
    ...(killed > killedBefore ? [`the kernel killed ${killed - killedBefore} processes for want of memory`] : []),
    ...failed,
  ];
}
