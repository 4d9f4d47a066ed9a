import { Problem } from '../../../problem.ts';
import type { Channel } from '../../transport/channel.ts';
import { ownProcess } from '../register/register.ts';
import { labChannel } from './channel.ts';
import { runningMachine } from './clean.ts';

/**
 * A channel to a machine that is up already, whoever booted it. The caller closes it; the machine stays.
 * @throws Problem if there is no machine of this name, or it is down.
 */
export async function attach(name: string): Promise<Channel> {
  const leader = ownProcess(runningMachine(name), 'leader');
  if (leader === null)
    throw new Problem({
      expected: 'a machine that is up',
      found: `${name}, which is down`,
      where: 'lab',
      next: `stackfuzz lab down ${name}; stackfuzz lab up ${name}`,
    });
  const channel = labChannel(name);
  const end = Date.now() + patience;
  await channel.open(leader.pid, () => (Date.now() > end ? `${name} does not answer: it may still be booting` : null));
  return channel;
}

/** Milliseconds. */
const patience = 30_000;
