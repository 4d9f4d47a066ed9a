import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Sick } from '../../../models/host.ts';
import type { Channel } from '../channel.ts';
import { must, tail } from '../shell.ts';
import { makeCgroups } from './cgroup.ts';
import { insideOf, type LabChannel, labChannel } from './channel.ts';
import { consoleOf, inCgroups, launch, leaderOf } from './nspawn.ts';
import { beside } from './paths.ts';
import { kill, procOf } from './process.ts';
import { awaitReady } from './ready.ts';
import { directoryOf, type Entry, entryOf, record, register, tearDown } from './register.ts';
import { agentPath, operator } from './settings.ts';

/** A throw-away machine that is up. */
export interface LabMachine {
  readonly name: string;
  readonly channel: Channel;
  /** Outside path of a file inside, for as long as the machine is up and not rebooted. */
  path(inside: string): string;
  /** What its console said. */
  console(): string;
  /** `systemctl reboot` inside; the same root and home again. The channel goes on working afterwards. */
  reboot(): Promise<void>;
  /** `systemctl poweroff` inside; its files stay until it is taken down. */
  powerOff(): Promise<void>;
  /** Take it down at once, and leave nothing behind. */
  down(): Promise<void>;
}

/** What a machine is booted from. */
export interface Ground {
  readonly suite: string;
  /** Layers, the topmost first. */
  readonly lowers: readonly string[];
  /** Content of /home. */
  readonly home?: string;
}

/** How a machine is booted. */
export interface BootOptions {
  readonly name?: string;
  /** Leave it up when this run ends. */
  readonly keep?: boolean;
  readonly signal?: AbortSignal;
  /** Milliseconds to come up, 120,000 unless said otherwise. */
  readonly timeoutMs?: number;
}

let count = 0;

/** Boot a machine upon built layers. Whatever goes wrong, nothing of it is left behind. */
export async function bootOn(ground: Ground, options: BootOptions = {}): Promise<LabMachine> {
  options.signal?.throwIfAborted();
  const name = options.name ?? `lab-${process.pid}-${++count}`;
  let entry = register(name, ground.suite, ground.lowers);
  const directory = directoryOf(name);
  const channel = labChannel(name);
  let child: ChildProcess | null = null;
  let gone = false;

  const up = async (): Promise<void> => {
    child = launch(name, directory, entry.cgroups);
    entry = await comeUp(entry, child, channel, options);
    if (options.keep) entry = { ...entry, owner: null };
    record(entry);
  };
  const off = async (verb: 'poweroff' | 'reboot'): Promise<void> => {
    const ended = child !== null && runs(child) ? once(child, 'exit') : null;
    await channel.run(`systemctl ${verb}`, { as: 'root' }).catch(() => {}); // it may be gone before it answers
    await within(ended, 150_000, `${name} did not end 150 s after systemctl ${verb}`);
    await channel.close();
  };
  const down = async (): Promise<void> => {
    if (gone) return; // the name may be another machine's by now
    gone = true;
    await channel.close();
    await tearDown(entryOf(name) ?? entry); // the file knows more than we do where booting failed half way
  };
  try {
    makeCgroups(entry.cgroups);
    await layOut(directory, ground, entry.cgroups);
    await up();
  } catch (error) {
    await down().catch((second: Error) => {
      const first = error instanceof Error ? error.message : String(error);
      throw new Sick(`${first}\nand taking ${name} down failed too (stackfuzz lab clean): ${second.message}`);
    });
    options.signal?.throwIfAborted();
    throw error;
  }
  return {
    name,
    channel,
    path: inside => insideOf(entry.leader?.pid ?? 0, inside),
    console: () => readFileSync(consoleOf(directory), 'utf8'),
    reboot: async () => {
      await off('reboot');
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
  const fixed = [beside('agent.pl'), agentPath, operator.name, String(operator.uid)];
  const command = ['bash', beside('prepare.sh'), directory, ground.lowers.join(':'), ...fixed, ...home];
  await must('/bin/sh', inCgroups(cgroups, command));
}

async function comeUp(entry: Entry, child: ChildProcess, channel: LabChannel, options: BootOptions): Promise<Entry> {
  const { name } = entry;
  const patience = options.timeoutMs ?? 120_000;
  const deadline = Date.now() + patience;
  const givenUp = (): string | null => {
    const said = `its console said:\n${tail(readFileSync(consoleOf(directoryOf(name)), 'utf8'), 25)}`;
    if (options.signal?.aborted) return `${name}: booting was cancelled`;
    if (!runs(child))
      return `${name}: systemd-nspawn ended with ${child.exitCode ?? child.signalCode} while booting; ${said}`;
    return Date.now() > deadline ? `${name} did not boot within ${patience / 1000} s; ${said}` : null;
  };
  let now: Entry = { ...entry, nspawn: procOf(child.pid ?? 0), leader: null };
  record(now);
  const leader = await leaderOf(child.pid ?? 0, entry.cgroups, givenUp);
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
