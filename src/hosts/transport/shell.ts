import type { Options } from 'execa';
import { Sick } from '../../../models/host.ts';

/** How a command is run on this machine. */
export interface ShellOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Milliseconds; by default 60,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Lets the command use this terminal. */
  readonly tty?: boolean;
  /**
   * Has the kernel kill the command when this process ends, for whatever reason: the command alone, or with everything that it
   * started (then it runs in a PID namespace and a mount namespace of its own, so that its mounts go too). Linux only; the
   * second needs root.
   */
  readonly diesWithUs?: 'process' | 'tree';
  /** An open file that the command gets as file descriptor 3. */
  readonly lent?: number;
}

/** The result of a command on this machine. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Thrown by `must`: one sentence on how the command ended, with the end of its output. */
export class ShellError extends Sick {
  override readonly name = 'ShellError';
}

interface Outcome {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
  readonly code?: string | undefined;
}

/** How a command ended, in one sentence. */
function ending(file: string, outcome: Outcome, timeoutMs: number): string {
  if (outcome.code === 'ENOENT') return `${file} is not installed, or its working directory does not exist`;
  if (outcome.timedOut) return `${file} was stopped: it took longer than ${timeoutMs / 1000} s`;
  if (outcome.isCanceled) return `${file} was cancelled`;
  if (outcome.signal !== undefined) return `${file} was killed by ${outcome.signal}`;
  if (outcome.exitCode === undefined) return `${file} could not be started${outcome.code ? ` (${outcome.code})` : ''}`;
  return `${file} failed with exit status ${outcome.exitCode}`;
}

/** The last lines of a text, for error messages. */
export const tail = (text: string, lines = 15): string => text.trimEnd().split('\n').slice(-lines).join('\n');

const withParent = ['setpriv', '--pdeathsig', 'KILL', '--'];
// PID 1 of the namespace is a shell, because a signal that PID 1 does not handle is not delivered to it.
const withNamespace = [
  'unshare',
  '--pid',
  '--mount-proc',
  '--kill-child=KILL',
  '--',
  'sh',
  '-c',
  '"$@"; exit $?',
  'sh',
];

/** The command line that is really run. */
function wrapped(file: string, args: readonly string[], { diesWithUs }: ShellOptions): [string, ...string[]] {
  const inside = diesWithUs === 'tree' ? withNamespace : [];
  const around = diesWithUs === undefined ? [] : withParent;
  return [...around, ...inside, file, ...args] as [string, ...string[]];
}

async function start(file: string, args: readonly string[], options: ShellOptions) {
  const timeoutMs = options.timeoutMs ?? 60_000;
  // execa passes an open file on by its number, as Node does; its types know only 0, 1 and 2.
  const lent = (options.lent === undefined ? [] : [options.lent]) as unknown as 'pipe'[];
  const stdin = options.input === undefined ? 'ignore' : 'pipe';
  const given: Options = {
    reject: false,
    timeout: options.tty ? 0 : timeoutMs,
    // unshare(1) reacts to no other signal while it waits, and its children die with it.
    killSignal: options.diesWithUs === 'tree' ? 'SIGKILL' : 'SIGTERM',
    stdio: options.tty ? 'inherit' : [stdin, 'pipe', 'pipe', ...lent],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.input === undefined ? {} : { input: options.input }),
  };
  // Imported here: most commands start no program, and this package has a hundred files.
  const { execa } = await import('execa');
  const [command, ...rest] = wrapped(file, args, options);
  const result = await execa(command, rest, given);
  const text = (part: unknown): string => (typeof part === 'string' ? part : '');
  return { result, stdout: text(result.stdout), stderr: text(result.stderr), timeoutMs };
}

/** Runs a command and returns its result; throws only if it did not run to its end. */
export async function run(file: string, args: readonly string[], options: ShellOptions = {}): Promise<CommandResult> {
  const { result, stdout, stderr, timeoutMs } = await start(file, args, options);
  if (result.exitCode === undefined) throw new ShellError(ending(file, result, timeoutMs));
  return { status: result.exitCode, stdout, stderr };
}

/** Runs a command that must succeed; returns its standard output. */
export async function must(file: string, args: readonly string[], options: ShellOptions = {}): Promise<string> {
  const { result, stdout, stderr, timeoutMs } = await start(file, args, options);
  if (result.exitCode === 0) return stdout;
  const said = tail(stderr === '' ? stdout : stderr);
  throw new ShellError(`${ending(file, result, timeoutMs)}${said === '' ? '' : `:\n${said}`}`);
}
