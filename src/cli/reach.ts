import { existsSync } from 'node:fs';
import { Sick } from '../../models/host.ts';
import { attach, list, machineName } from '../hosts/lab/index.ts';
import { connectTo } from '../hosts/own/connection.ts';
import type { OwnHost } from '../hosts/own/own-host.ts';
import { labOperator, type Operator } from '../hosts/paths.ts';
import type { Channel } from '../hosts/transport/channel.ts';
import { Problem } from '../problem.ts';
import { ownHostOf, readHostsFile, usualHostsFile } from './hosts-file.ts';

/** A running host that is only read: nothing on it is prepared or reset. */
export interface Reached {
  readonly name: string;
  readonly channel: Channel;
  readonly operator: Operator;
}

/**
 * A way into the host of this name: a machine of the hosts file, or one that `stackfuzz lab up` booted. Whoever asks closes the
 * channel.
 * @param hosts the hosts file, where one is named
 * @throws Problem where there is no such host, or Sick where it cannot be reached
 */
export async function reach(name: string, hosts?: string): Promise<Reached> {
  const isOwn = hosts !== undefined || (existsSync(usualHostsFile) && readHostsFile(usualHostsFile).has(name));
  if (isOwn) return own(ownHostOf(name, hosts));
  machineName(name);
  const machines = list().map(each => each.name);
  if (!machines.includes(name)) {
    throw new Problem({
      expected: `a host of ${usualHostsFile}, or a lab machine: ${machines.join(', ') || 'there is none'}`,
      found: `${name}${existsSync(usualHostsFile) ? '' : `, and no file ${usualHostsFile}`}`,
      where: '--host',
      next: 'Boot a lab machine: stackfuzz lab up; or describe a host of your own (docs/hosts.md).',
    });
  }
  return { name, channel: await attach(name), operator: labOperator };
}

async function own(host: OwnHost): Promise<Reached> {
  const channel = await connectTo(host);
  try {
    const { status, stdout } = await channel.run('printf "%s\\n" "$UID" "$HOME"', { timeoutMs: 30_000 });
    const [uid, home = ''] = stdout.split('\n');
    if (status !== 0 || !home.startsWith('/'))
      throw new Sick(`${host.name} does not say where ${host.operator} is at home`);
    return { name: host.name, channel, operator: { name: host.operator, uid: Number(uid), home } };
  } catch (error) {
    await channel.close();
    throw error;
  }
}
