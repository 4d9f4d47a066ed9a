import { closeSync, fstatSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sick } from '../../../../models/host.ts';
import { type Agent, connect } from '../../transport/agent.ts';
import type { Channel, CommandOptions, Ran } from '../../transport/channel.ts';
import { handlePath, openInside } from './inside.ts';
import { type Speaker, socketPath } from './settings.ts';

/** The agents of a machine; they can be reopened after it was rebooted. */
export interface LabChannel extends Channel {
  /** Connects to the agents of a machine that is starting; `givenUp` says why it is useless to wait any longer. */
  open(leader: number, givenUp: () => string | null): Promise<void>;
}

async function reach(leader: number, speaker: Speaker, who: string, givenUp: () => string | null): Promise<Agent> {
  for (;;) {
    const why = givenUp();
    if (why !== null) throw new Sick(why);
    const agent = await agentIn(`/proc/${leader}/root`, socketPath(speaker), `${who} (${speaker})`);
    if (agent !== null) return agent;
    await sleep(10);
  }
}

/**
 * The agent behind a socket in a machine's root, or null while there is none. Until a machine has changed its root,
 * /proc/LEADER/root is the root of this computer, where there is no such socket; a link in a machine could lead there as well.
 */
export async function agentIn(root: string, path: string, who: string): Promise<Agent | null> {
  let handle: number;
  try {
    handle = openInside(root, path);
  } catch {
    return null;
  }
  try {
    return fstatSync(handle).isSocket() ? await connect(handlePath(handle), who) : null;
  } catch {
    return null;
  } finally {
    closeSync(handle);
  }
}

/** A channel to the machine of this name; it works once it was opened. */
export function labChannel(name: string): LabChannel {
  let agents: Readonly<Record<Speaker, Agent>> | null = null;
  const close = async (): Promise<void> => {
    await Promise.all([agents?.operator.close(), agents?.root.close()]);
  };
  return {
    async open(leader, givenUp) {
      await close();
      const [operator, root] = await Promise.all([
        reach(leader, 'operator', name, givenUp),
        reach(leader, 'root', name, givenUp),
      ]);
      agents = { operator, root };
    },
    async run(script: string, options: CommandOptions = {}): Promise<Ran> {
      if (agents === null) throw new Sick(`the channel to ${name} is not open`);
      return agents[options.as ?? 'operator'].run(script, options.timeoutMs ?? 60_000);
    },
    close,
  };
}
