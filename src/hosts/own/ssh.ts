import type { Transport } from './own-host.ts';

/** A machine that is reached over ssh. */
export type SshTransport = Extract<Transport, { kind: 'ssh' }>;

/**
 * Flags of every call of ssh: it never asks for anything, takes no host that is not known by its key, and notices within
 * half a minute that nobody answers any more. The first value of an option counts (ssh_config(5)), so that nothing in the
 * hosts file makes it less careful.
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
 * @param user to log in as, where it is another one than the hosts file says
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

/** Which kind of trouble ssh tells of, as far as that decides what to advise. */
export type SshTrouble = 'host key' | 'login' | 'unreachable';

/** By ssh's own words, which are the same in every language: they choose the advice, and nothing else. */
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
