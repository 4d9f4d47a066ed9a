import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Sick } from '../../../../models/host.ts';
import type { Channel } from '../../transport/channel.ts';
import { must, tail } from '../../transport/shell.ts';
import { cgroupsOf, makeCgroups } from '../register/cgroup.ts';
import type { LabRecord } from '../register/entry.ts';
import { beside } from '../register/paths.ts';
import { kill, procOf } from '../register/process.ts';
import { directoryOf, entryOf, isOdd, record, register } from '../register/register.ts';
import { type LabChannel, labChannel } from './channel.ts';
import { freeName } from './clean.ts';
import { tmpfsOptions } from './memory.ts';
import { consoleText, inCgroups, launch, leaderOf } from './nspawn.ts';
import { awaitReady } from './ready.ts';
import { operator } from './settings.ts';
import { takeDown } from './take-down.ts';

/** A throw-away machine that is up. */
export interface LabMachine {
  readonly name: string;
  readonly channel: Channel;
  /** The end of its console output. */
  console(): string;
  /** Runs `systemctl reboot` inside; it keeps its root and its home. The channel works again afterwards. */
  reboot(): Promise<void>;
  /** Kills every process inside at once, and boots again with the same root and home. */
  cutPower(): Promise<void>;
  /** Keeps it up when this run ends, until somebody takes it down. */
  keep(): void;
  /** Runs `systemctl poweroff` inside; its files stay until it is taken down. */
  powerOff(): Promise<void>;
  /** Takes it down at once, and leaves nothing behind. */
  down(): Promise<void>;
}

/** What a machine is booted from. */
export interface Ground {
  readonly suite: string;
  /** Layers, the topmost first. */
  readonly lowers: readonly string[];
  /** The content of /home. */
  readonly home?: string;
}

/** How a machine is booted. */
export interface BootOptions {
  readonly name?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds to come up; by default 120,000. */
  readonly timeoutMs?: number;
}

let count = 0;

/** Boots a machine on built layers. If anything fails, nothing of it is left behind. */
export async function bootOn(ground: Ground, options: BootOptions = {}): Promise<LabMachine> {
  options.signal?.throwIfAborted();
  const name = options.name ?? `lab-${process.pid}-${++count}`;
  await freeName(name);
  let entry = await register(name, ground.suite, ground.lowers);
  const directory = directoryOf(name);
  const cgroups = cgroupsOf(name);
  const channel = labChannel(name);
  let child: ChildProcess | null = null;
  let gone = false;
  let kept = false;

  const up = async (): Promise<void> => {
    child = launch(name, directory, cgroups);
    // Until it is up, it belongs to this run, even if it is to be kept.
    entry = await comeUp({ ...entry, owner: procOf(process.pid) }, child, channel, options);
    if (kept) keep();
  };
  const keep = (): void => {
    kept = true;
    entry = { ...entry, owner: null };
    record(entry);
  };
  const off = async (verb: 'poweroff' | 'reboot'): Promise<void> => {
    const ended = child !== null && runs(child) ? once(child, 'exit') : null;
    await channel.run(`systemctl ${verb}`, { as: 'root' }).catch(() => {}); // it may end before it answers
    await within(ended, 150_000, `${name} did not end 150 s after systemctl ${verb}`);
    await channel.close();
  };
  /** The kernel kills everything in a machine together with its first process (man pid_namespaces). */
  const cut = async (): Promise<void> => {
    const ended = child !== null && runs(child) ? once(child, 'exit') : null;
    if (entry.leader !== null) kill(entry.leader);
    await within(ended, 150_000, `${name} did not end 150 s after its first process was killed`);
    await channel.close();
  };
  const down = async (): Promise<void> => {
    if (gone) return;
    gone = true;
    await channel.close();
    const now = entryOf(name);
    // Somebody else may have taken it down, and another machine may have the name by now.
    if (now !== null && !isOdd(now) && now.id !== entry.id) return;
    await takeDown(name);
  };
  try {
    makeCgroups(cgroups);
    await layOut(directory, ground, cgroups);
    await up();
  } catch (error) {
    await down().catch((second: Error) => {
      const first = error instanceof Error ? error.message : String(error);
      throw new Sick(`${first}\nand taking ${name} down failed too (stackfuzz lab down ${name}): ${second.message}`);
    });
    options.signal?.throwIfAborted();
    throw error;
  }
  return {
    name,
    channel,
    console: () => consoleText(directory),
    keep,
    reboot: async () => {
      await off('reboot');
      await up();
    },
    cutPower: async () => {
      await cut();
      await up();
    },
    powerOff: () => off('poweroff'),
    down,
  };
}

const runs = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

async function layOut(directory: string, ground: Ground, cgroups: readonly string[]): Promise<void> {
  const home = ground.home === undefined ? [] : [ground.home];
  const fixed = [tmpfsOptions(), ground.lowers.join(':'), operator.name, String(operator.uid)];
  const command = ['bash', beside('prepare.sh'), directory, ...fixed, ...home];
  await must('/bin/sh', inCgroups(cgroups, command), { diesWithUs: 'process' });
}

async function comeUp(
  entry: LabRecord,
  child: ChildProcess,
  channel: LabChannel,
  options: BootOptions,
): Promise<LabRecord> {
  const { name } = entry;
  const patience = options.timeoutMs ?? 120_000;
  const deadline = Date.now() + patience;
  const givenUp = (): string | null => {
    const said = `its console said:\n${tail(consoleText(directoryOf(name)), 25)}`;
    if (options.signal?.aborted) return `${name}: booting was cancelled`;
    if (!runs(child))
      return `${name}: systemd-nspawn ended with ${child.exitCode ?? child.signalCode} while booting; ${said}`;
    return Date.now() > deadline ? `${name} did not boot within ${patience / 1000} s; ${said}` : null;
  };
  let now: LabRecord = { ...entry, nspawn: procOf(child.pid ?? 0), leader: null };
  record(now);
  const leader = await leaderOf(child.pid ?? 0, cgroupsOf(name), givenUp);
  now = { ...now, leader };
  record(now);
  const abort = (): void => kill(leader);
  options.signal?.addEventListener('abort', abort);
  try {
    await channel.open(leader.pid, givenUp);
    await awaitReady(channel, name, deadline - Date.now());
  } catch (error) {
    const dead = runs(child) ? null : givenUp();
    throw dead === null ? error : new Sick(dead);
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
  return now;
}

async function within(wait: Promise<unknown> | null, ms: number, otherwise: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Sick(otherwise)), ms);
  });
  await Promise.race([wait, late]).finally(() => clearTimeout(timer));
}
