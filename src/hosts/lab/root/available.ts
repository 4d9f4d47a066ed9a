import { accessSync, constants } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../../problem.ts';

/** Whether the lab can run here, and what to type where it cannot. */
export interface Availability {
  readonly ok: boolean;
  readonly missing: readonly string[];
  readonly fix: string;
}

/** Commands that the lab calls, and the Debian package of each. */
const commands = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  nsenter: 'util-linux',
  flock: 'util-linux',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  mount: 'mount',
} as const;

function installed(command: string): boolean {
  return (process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin').split(':').some(directory => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether this machine can run the lab: Linux, root, and a few commands. */
export function labAvailable(): Availability {
  const absent = Object.entries(commands).filter(([command]) => !installed(command));
  const root = process.getuid?.() === 0;
  const missing = [
    ...(process.platform === 'linux' ? [] : ['Linux']),
    ...(root ? [] : ['root']),
    ...absent.map(([command]) => command),
  ];
  const packages = [...new Set(absent.map(([, name]) => name))].join(' ');
  const install = packages === '' ? [] : [`apt-get install -y --no-install-recommends ${packages}`];
  const fix = [...install, ...(root ? [] : ['run stackfuzz as root (sudo), or take --host simulator'])].join('; then ');
  return { ok: missing.length === 0, missing, fix };
}

/** Throws where the lab cannot run here. */
export function requireLab(): void {
  const { ok, missing, fix } = labAvailable();
  if (ok) return;
  throw new Problem({
    expected: 'Linux, root, systemd-nspawn and mmdebstrap',
    found: `no ${missing.join(', no ')}`,
    where: 'lab',
    next: fix === '' ? 'take --host simulator' : fix,
  });
}

/** Throws where a directory has less room than this many bytes. */
export async function requireRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const mebibytes = (amount: number): string => `${Math.floor(amount / 2 ** 20)} MiB free`;
  if (bavail * bsize >= bytes) return;
  throw new Problem({
    expected: mebibytes(bytes),
    found: mebibytes(bavail * bsize),
    where: directory,
    next: 'make room, or export STACKFUZZ_CACHE=/a/directory/with/room',
  });
}
