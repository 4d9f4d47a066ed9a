import { type Scope, scopeOf } from '../../models/machine/search-path.ts';
import type { Deployment, FreshMachine } from './deployment.ts';
import { runtimeOf } from './paths.ts';
import type { Channel } from './transport/channel.ts';

/**
 * What differs between stacks that the operator's own manager runs, with their rootless podman, and stacks that the system's manager
 * runs, with root's. Whoever speaks to the manager, to podman or to the journal asks here.
 */
export interface Spoken {
  readonly scope: Scope;
  /** The flag by which systemctl, busctl and systemd-run speak to this manager. */
  readonly flag: '--user' | '--system';
  /** Where the manager and podman have their sockets: %t of systemd.unit(5). */
  readonly runtime: string;
  /** The unit that the manager itself is. */
  readonly manager: string;
  /** The fields by which the journal names a unit and one start of it, in what the manager says. */
  readonly unitField: 'USER_UNIT' | 'UNIT';
  readonly invocationField: 'USER_INVOCATION_ID' | 'INVOCATION_ID';
  /** Which timers are of the stacks, as a pattern of names: of the system there are many others. */
  readonly timers: string;
}

/** How the manager is spoken to that runs the stacks of a deployment. */
export const spokenIn = ({ profile, operator }: Pick<Deployment, 'profile' | 'operator'>): Spoken =>
  scopeOf(profile.owner) === 'user'
    ? {
        scope: 'user',
        flag: '--user',
        runtime: runtimeOf(operator),
        manager: `user@${operator.uid}.service`,
        unitField: 'USER_UNIT',
        invocationField: 'USER_INVOCATION_ID',
        timers: '*.timer',
      }
    : {
        scope: 'system',
        flag: '--system',
        runtime: '/run',
        manager: 'init.scope',
        unitField: 'UNIT',
        invocationField: 'INVOCATION_ID',
        // A health timer begins with the 64 digits of its container (facts.md F56).
        timers: `${'[0-9a-f]'.repeat(64)}*.timer`,
      };

/** The channel of a machine for a deployment: root is the operator of what the system runs, and everything is run as root there. */
export const channelFor = ({ profile }: Pick<Deployment, 'profile'>, channel: Channel): Channel =>
  scopeOf(profile.owner) === 'user'
    ? channel
    : { run: (script, options) => channel.run(script, { ...options, as: 'root' }), close: () => channel.close() };

/** The same machine with such a channel. */
export const machineFor = (deployment: Pick<Deployment, 'profile'>, machine: FreshMachine): FreshMachine =>
  scopeOf(deployment.profile.owner) === 'user'
    ? machine
    : { ...machine, channel: channelFor(deployment, machine.channel) };
