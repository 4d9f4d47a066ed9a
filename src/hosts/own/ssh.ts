import type { Transport } from './own-host.ts';

/** A machine that is reached over ssh. */
export type SshTransport = Extract<Transport, { kind: 'ssh' }>;

/**
 * Options of every call of ssh: it never asks a question, refuses a host whose key it does not know, and notices within half a
 * minute that a host no longer answers. The first value of an option counts (ssh_config(5)), so nothing in the hosts file can
 * weaken these.
 */
const careful = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'UpdateHostKeys=no',
  'ConnectTimeout=15',
  'ServerAliveInterval=10',
  'ServerAliveCountMax=3',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'RequestTTY=no',
  'LogLevel=ERROR',
];

/**
 * Arguments of ssh for a command on a machine.
 * @param control the socket of the one connection
 * @param role whether this call makes the connection or uses it
 * @param user the user to log in as, if the hosts file says another one
 */
export function sshArguments(
  { destination, port, config, identity, options }: SshTransport,
  command: string,
  { control, role, user }: { control: string; role: 'first' | 'further'; user?: string },
): readonly string[] {
  const multiplexed = [
    `ControlPath=${control}`,
    `ControlMaster=${role === 'first' ? 'yes' : 'no'}`,
    'ControlPersist=no',
  ];
  return [
    ...(config === undefined ? [] : ['-F', config]),
    ...[...careful, ...multiplexed, ...options].flatMap(option => ['-o', option]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(identity === undefined ? [] : ['-i', identity, '-o', 'IdentitiesOnly=yes']),
    ...(user === undefined ? [] : ['-l', user]),
    '-T',
    '--',
    user === undefined ? destination : destination.replace(/^[^@]*@/, ''),
    command,
  ];
}

/** What kind of failure ssh reports, as far as the advice depends on it. */
export type SshTrouble = 'host key' | 'login' | 'unreachable';

/** Decided by ssh's messages, which are the same in every language; only the advice depends on it. */
export function troubleIn(said: string): SshTrouble {
  if (/host key|HOST IDENTIFICATION/i.test(said)) return 'host key';
  return /permission denied|authenticat|too many/i.test(said) ? 'login' : 'unreachable';
}

/** What to do about it. */
export function sshAdvice(trouble: SshTrouble, { destination, port }: SshTransport): string {
  const line = `ssh${port === undefined ? '' : ` -p ${port}`} ${destination}`;
  switch (trouble) {
    case 'host key':
      return `Where this is the machine that you mean, take its key once, by hand: ${line}  (and where the old key is wrong: ssh-keygen -R HOST)`;
    case 'login':
      return `stackfuzz never asks for a password. Give the machine a key: ${line.replace(/^ssh/, 'ssh-copy-id')}`;
    case 'unreachable':
      return `See whether it answers you: ${line} true`;
  }
}
