import { Unstarted } from '../../../models/host.ts';
import type { Deployment, MachineSource } from '../deployment.ts';
import { rebuilding } from '../real/levers/profile.ts';
import { notRebuilt, preparation, prepare } from '../real/prepare.ts';
import type { Channel } from '../transport/channel.ts';
import { openPool, type Suite, snapshot } from './index.ts';

/** How the lab provides machines. */
export interface LabOptions {
  readonly suite?: Suite;
  /** Number of machines booted ahead of need. */
  readonly ahead?: number;
  /** How many machines will be asked for, if that is known: no more are booted. */
  readonly expected?: number;
  /** How many boot at the same time; by default 1. */
  readonly atOnce?: number;
  /** Called with a line when something takes long. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * The same, even if the first rebuild fails or lies. Then each machine that is asked for is prepared anew, and the failure is
 * met where runs are judged.
 */
export async function labMachinesEvenSo(deployment: Deployment, options: LabOptions = {}): Promise<MachineSource> {
  let machines: MachineSource | undefined;
  const opened = async (): Promise<MachineSource> => {
    machines ??= await labMachines(deployment, options);
    return machines;
  };
  try {
    return await opened();
  } catch (error) {
    if (!(error instanceof Unstarted)) throw error;
    options.say?.('the first rebuild did not do what it should; each run tries it anew');
    return { name: 'lab', take: async () => (await opened()).take(), close: async () => machines?.close() };
  }
}

/** Lab machines on which the deployment has been prepared: once, in a snapshot that every machine is booted on. */
export async function labMachines(deployment: Deployment, options: LabOptions = {}): Promise<MachineSource> {
  const { ahead, expected, atOnce, ...making } = options;
  // Any change in a script of the preparation makes another snapshot.
  const key = JSON.stringify([deployment.operator, preparation(deployment), noteServices]);
  const made = await snapshot(
    key,
    async ({ channel }) => {
      await prepare(channel, deployment);
      await channel.run(noteServices, { as: 'root' });
    },
    making,
  );
  const pool = openPool({
    snapshot: made,
    ready: machine => rebuiltOnce(machine.channel, deployment),
    ...(ahead !== undefined && { ahead }),
    ...(expected !== undefined && { expected }),
    ...(atOnce !== undefined && { atOnce }),
  });
  /** The machine that was given back last: it is taken down while the next one is already used. */
  let leaving: Promise<void> = Promise.resolve();
  return {
    name: 'lab',
    async take() {
      const machine = await pool.take();
      return {
        channel: machine.channel,
        restart: () => machine.reboot(),
        cutPower: () => machine.cutPower(),
        async close() {
          await leaving;
          leaving = machine.down();
          leaving.catch(() => {}); // whoever waits for it gets the error
        },
      };
    },
    async close() {
      await Promise.all([pool.close(), leaving]);
    },
  };
}

/** Bash: the system services that are active, without the way in; and where they are noted on a prepared machine. */
const services = `services() {
  systemctl list-units --plain --no-legend --type=service --state=active | cut -d ' ' -f 1 | grep -v '^stackfuzz-' | sort
}
noted=/var/lib/stackfuzz/services`;

const noteServices = `${services}\nservices > "$noted"`;

/** Bash, as root: whether every system service is active that was active on the prepared machine. */
export const hasAllServices = `${services}
[ -s "$noted" ] && lost=$(services | comm -13 - "$noted") && [ -z "$lost" ]`;

/**
 * A system unit that stays active after a rebuild, as Home Manager's does, may fail at a boot, or not be part of it. Then the first rebuild
 * of a run would activate, where every later one does not (facts.md F37, defects.md D09), and so one is done before. Where all are
 * active it would change nothing, and take a quarter of the processor time of a fresh machine (facts.md F180).
 */
async function rebuiltOnce(channel: Channel, deployment: Deployment): Promise<void> {
  const asked = await channel.run(hasAllServices, { as: 'root' });
  if (asked.status === 0) return;
  const { script, as, timeoutMs } = rebuilding(deployment, deployment.profile.declaration);
  const start = performance.now();
  const ran = await channel.run(script, { as, timeoutMs });
  if (ran.status !== 0) throw await notRebuilt(channel, deployment, ran, performance.now() - start);
}
