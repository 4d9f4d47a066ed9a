import { Unstarted } from '../../../models/host.ts';
import type { Deployment, MachineSource } from '../deployment.ts';
import { rebuilding } from '../real/levers/profile.ts';
import { notRebuilt, preparation, prepare } from '../real/prepare.ts';
import type { Channel } from '../transport/channel.ts';
import { openPool, type Suite, snapshot } from './index.ts';

/** How the lab is to provide machines. */
export interface LabOptions {
  readonly suite?: Suite;
  /** MachineSource booted ahead of need. */
  readonly ahead?: number;
  /** How many machines will be asked for, as far as one knows: none is booted that nobody would take. */
  readonly expected?: number;
  /** How many boot at the same time; 1 unless said otherwise. */
  readonly atOnce?: number;
  /** Told what takes long. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * The same, also where the first rebuild fails or lies: then each machine that is asked for is prepared anew, and the failure
 * is met where runs are judged.
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

/** Lab machines on which the deployment has been prepared: once, in a snapshot that every machine is booted upon. */
export async function labMachines(deployment: Deployment, options: LabOptions = {}): Promise<MachineSource> {
  const { ahead, expected, atOnce, ...making } = options;
  // Another word in any script of the preparation is another snapshot.
  const key = JSON.stringify([deployment.operator, preparation(deployment)]);
  const made = await snapshot(key, machine => prepare(machine.channel, deployment), making);
  const pool = openPool({
    snapshot: made,
    ready: machine => rebuiltOnce(machine.channel, deployment),
    ...(ahead !== undefined && { ahead }),
    ...(expected !== undefined && { expected }),
    ...(atOnce !== undefined && { atOnce }),
  });
  /** The machine given back last: it is taken down while the next one is already used. */
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
          leaving.catch(() => {}); // whoever waits for it is told
        },
      };
    },
    async close() {
      await Promise.all([pool.close(), leaving]);
    },
  };
}

/**
 * A system unit that stays active after a rebuild, as Home Manager's does, is not active after a boot; without this the
 * first rebuild of a run would activate where any later one skips (facts.md F37, defects.md D09).
 */
async function rebuiltOnce(channel: Channel, deployment: Deployment): Promise<void> {
  const { script, as, timeoutMs } = rebuilding(deployment, deployment.profile.declaration);
  const start = performance.now();
  const ran = await channel.run(script, { as, timeoutMs });
  if (ran.status !== 0) throw await notRebuilt(channel, deployment, ran, performance.now() - start);
}
