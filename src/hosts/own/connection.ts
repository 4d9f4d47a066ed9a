import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lost, Sick, Unable } from '../../../models/host.ts';
import { type Agent, agentOver } from '../transport/agent.ts';
import type { Channel, CommandOptions, Ran } from '../transport/channel.ts';
import { quoted } from '../transport/quote.ts';
import { agentText } from './agent-text.ts';
import type { OwnHost } from './own-host.ts';
import { sshAdvice, sshArguments, troubleIn } from './ssh.ts';

/** A channel to a machine of one's own: one connection, over which one agent runs for each user who may run commands there. */
export interface OwnChannel extends Channel {
  /** Whether commands can be run there as root. */
  readonly hasRoot: boolean;
  /** How often the connection was made again after it had been cut. */
  readonly reconnections: number;
}

/** Thrown if a machine cannot be reached: `found` is the message of the program that refused, `next` is what to type. */
export class Unreachable extends Lost {
  override readonly name = 'Unreachable';

  constructor({ expected, found, where }: Record<'expected' | 'found' | 'where', string>, next: string) {
    super(`${where}: expected ${expected}, found: ${found}\n  ${next}`);
  }
}

/** Longest time for the connection and the first answer of an agent, in milliseconds. */
const connectMs = 30_000;

/** For how long a machine that was there and no longer answers is called again, in milliseconds. */
const patienceMs = 20_000;

/**
 * Exit status of the command that starts an agent, if the user who logged in is not the operator and may not become the
 * operator.
 */
const notTheOperator = 113;
const noSuchUser = 114;

/**
 * Connects to a machine. Nothing is changed on it, and nothing is copied to it: the agent's text is an argument of the command.
 * @throws Unreachable if the machine does not answer or refuses: with what to type
 */
export async function connectTo(host: OwnHost): Promise<OwnChannel> {
  const directory = mkdtempSync(join(tmpdir(), 'stackfuzz-ssh-'));
  chmodSync(directory, 0o700);
  const control = join(directory, 'c');
  let agents: Readonly<Record<'operator' | 'root', Agent | null>> = { operator: null, root: null };
  let reconnections = 0;
  let isClosed = false;
  let opening: Promise<void> | null = null;
  /** Whether the machine did not answer during all of that time. */
  let isGone = false;

  const letGo = async (): Promise<void> => {
    await Promise.all([agents.operator?.close(), agents.root?.close()]);
    agents = { operator: null, root: null };
    rmSync(control, { force: true });
  };
  async function open(): Promise<void> {
    await letGo();
    const operator = await agentBy(host, programOf(host, speakingAs(host.operator), control, 'first'));
    agents = { operator, root: null };
    if (host.root === 'none') return;
    try {
      const root = await agentBy(host, programOf(host, speakingAsRoot(host), control, 'further'));
      agents = { operator, root };
    } catch (error) {
      await letGo();
      throw error instanceof Ended ? noRoot(host, error) : error;
    }
  }
  /** Calls a machine whose connection was cut, until it answers or `patienceMs` is over. */
  async function reopen(): Promise<void> {
    const end = Date.now() + (isGone ? 0 : patienceMs);
    for (;;) {
      try {
        await open();
        isGone = false;
        return;
      } catch (error) {
        isGone = !isSilent(host, error) || Date.now() >= end || isClosed;
        if (isGone) throw error instanceof Ended ? refusedBy(host, error) : error;
      }
      await sleep(1_000);
    }
  }
  const close = async (): Promise<void> => {
    isClosed = true;
    await letGo();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await open();
  } catch (error) {
    await close();
    throw error instanceof Ended ? refusedBy(host, error) : error;
  }
  return {
    hasRoot: host.root !== 'none',
    get reconnections() {
      return reconnections;
    },
    async run(script: string, options: CommandOptions = {}): Promise<Ran> {
      if (isClosed) throw new Sick(`the channel to ${host.name} is closed`);
      const { as = 'operator', timeoutMs = 60_000 } = options;
      if (as === 'root' && host.root === 'none')
        throw new Unable(`${host.name}: nobody here can be root there (root: none)`);
      // The command that ran when the connection was cut is lost; new commands can use a new connection.
      if (agents.operator === null || Object.values(agents).some(agent => agent?.isDead())) {
        opening ??= reopen().finally(() => {
          opening = null;
          reconnections++;
        });
        await opening;
      }
      const agent = agents[as];
      if (agent === null) throw new Sick(`the channel to ${host.name} is closed`);
      return agent.run(script, timeoutMs);
    },
    close,
  };
}

/** Bash: runs the agent as the operator: the user who logged in, or root becomes the operator. */
const speakingAs = (operator: string): string => `name=${quoted(operator)}
[ "$(id -un)" != "$name" ] || exec perl -e ${quoted(agentText(true))}
id -u "$name" > /dev/null 2>&1 || exit ${noSuchUser}
sudo=sudo
[ "$EUID" != 0 ] || sudo=
\${sudo:+sudo -n} true 2> /dev/null || exit ${notTheOperator}
home=$(getent passwd "$name" | cut -d : -f 6)
exec \${sudo:+sudo -n --} setpriv --reuid "$name" --regid "$(id -g "$name")" --init-groups \\
  env HOME="$home" USER="$name" LOGNAME="$name" PATH="$PATH" perl -e ${quoted(agentText(true))}`;

/** Bash: runs the agent as root. */
const speakingAsRoot = ({ root }: OwnHost): string =>
  `exec ${root === 'sudo' ? 'sudo -n -- ' : ''}perl -e ${quoted(agentText(false))}`;

/** A program and its arguments that run a line of bash on the machine. */
function programOf(
  { transport, root }: OwnHost,
  line: string,
  control: string,
  role: 'first' | 'further',
): readonly [string, readonly string[]] {
  if (transport.kind === 'local') return ['bash', ['-c', line]];
  const given = root === 'ssh-root' ? { control, role, user: 'root' } : { control, role };
  return ['ssh', sshArguments(transport, `exec bash -c ${quoted(line)}`, given)];
}

/** A program that should have started an agent, but ended. */
class Ended extends Sick {
  readonly status: number | null;

  constructor(message: string, status: number | null) {
    super(message);
    this.status = status;
  }
}

/** The agent at the other end of a program. @throws Ended if the program ends before the agent answers: with what it printed */
async function agentBy(host: OwnHost, [file, args]: readonly [string, readonly string[]]): Promise<Agent> {
  // It ends when this process ends in any way, because then the agent reads the end of its standard input. It has a process
  // group of its own, so that Ctrl-C in a terminal reaches stackfuzz, which ends after the running operation, and not the
  // connection.
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 4_000) said += text;
  });
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_, reject) => {
    const end = (why: string, status: number | null): void => reject(new Ended(lastLines(said) || why, status));
    timer = setTimeout(() => end(`no answer within ${connectMs / 1000} s`, null), connectMs);
    child.on('error', error => end(`${file} could not be started: ${error.message}`, null));
    child.on('close', status => end(`${file} ended with ${status}`, status));
  });
  ended.catch(() => {}); // after the agent has answered, nobody waits for this
  try {
    const agent = agentOver({ from: child.stdout, to: child.stdin }, host.name, true);
    return await Promise.race([agent.catch(() => ended), ended]);
  } catch (error) {
    child.kill();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether ssh got no answer: that may pass; a refusal does not. */
const isSilent = ({ transport }: OwnHost, error: unknown): boolean =>
  transport.kind === 'ssh' &&
  error instanceof Ended &&
  error.status !== noSuchUser &&
  error.status !== notTheOperator &&
  troubleIn(error.message) === 'unreachable';

const lastLines = (text: string): string =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .slice(-2)
    .join(' / ');

/** The user who logs in, if the hosts file says it. */
const loginOf = ({ transport, operator }: OwnHost): string =>
  (transport.kind === 'ssh' && /^([^@]+)@/.exec(transport.destination)?.[1]) || operator;

const noRoot = (host: OwnHost, { message }: Ended): Unreachable =>
  new Unreachable(
    {
      expected: `that ${host.root === 'sudo' ? `sudo -n makes ${loginOf(host)} root` : 'root logs in over ssh'}, as root: ${host.root} says`,
      found: message,
      where: `${host.where}, host ${host.name}`,
    },
    host.root === 'sudo'
      ? `Allow it on the machine, by visudo: ${loginOf(host)} ALL=(root) NOPASSWD: ALL  Or write root: none, and do without what needs root.`
      : 'Or write root: sudo, or root: none.',
  );

function refusedBy(host: OwnHost, { message, status }: Ended): Unreachable {
  const where = `${host.where}, host ${host.name}`;
  if (status === noSuchUser)
    return new Unreachable(
      { expected: `the user ${host.operator} on the machine`, found: 'none of that name', where },
      'Write the user who runs the stacks: operator: NAME',
    );
  if (status === notTheOperator)
    return new Unreachable(
      {
        expected: `to speak as ${host.operator}`,
        found: `that ${loginOf(host)} logs in, and may not become them`,
        where,
      },
      `Log in as them: destination: ${host.operator}@HOST  Or allow ${loginOf(host)} sudo without a password, and write root: sudo.`,
    );
  const { transport } = host;
  const next =
    transport.kind === 'ssh'
      ? sshAdvice(troubleIn(message), transport)
      : 'Install bash and perl, which stackfuzz needs there.';
  const expected =
    transport.kind === 'ssh' ? `ssh to log in to ${transport.destination}` : 'bash and perl to start here';
  return new Unreachable({ expected, found: message, where }, next);
}
