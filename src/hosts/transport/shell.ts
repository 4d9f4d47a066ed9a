import type { Options } from 'execa';
import { Sick } from '../../../models/host.ts';

/** How a command is run on this machine. */
export interface ShellOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Milliseconds; 60,000 unless said otherwise. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Let the command use this terminal. */
  readonly tty?: boolean;
  /**
   * Have the kernel kill it when this process ends, however that ends: the process alone, or with all that it started (then
   * in a PID and a mount namespace of its own, so that its mounts go too). Linux, and root for the second.
   */
  readonly diesWithUs?: 'process' | 'tree';
  /** An open file that the command has as its handle 3. */
  readonly lent?: number;
}

/** What a command on this machine did. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Thrown by `must`: a sentence that says how the command ended, with the tail of what it said. */
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

/** How a command ended, as one sentence. */
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
// A shell is PID 1 of the namespace, because signals that it does not handle never reach a PID 1.
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

/** The command line that really is run. */
function wrapped(file: string, args: readonly string[], { diesWithUs }: ShellOptions): [string, ...string[]] {
  const inside = diesWithUs === 'tree' ? withNamespace : [];
  const around = diesWithUs === undefined ? [] : withParent;
  return [...around, ...inside, file, ...args] as [string, ...string[]];
}

async function start(file: string, args: readonly string[], options: ShellOptions) {
  const timeoutMs = options.timeoutMs ?? 60_000;
  // execa hands an open file on by its number, as Node does; its types know of 0, 1 and 2 only.
  const lent = (options.lent === undefined ? [] : [options.lent]) as unknown as 'pipe'[];
  const stdin = options.input === undefined ? 'ignore' : 'pipe';
  const given: Options = {
    reject: false,
    timeout: options.tty ? 0 : timeoutMs,
    // unshare(1) is deaf to anything else while it waits, and its children die with it.
    killSignal: options.diesWithUs === 'tree' ? 'SIGKILL' : 'SIGTERM',
    stdio: options.tty ? 'inherit' : [stdin, 'pipe', 'pipe', ...lent],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.input === undefined ? {} : { input: options.input }),
  };
  // Only now: most commands start no program, and this package is a hundred files.
  const { execa } = await import('execa');
  const [command, ...rest] = wrapped(file, args, options);
  const result = await execa(command, rest, given);
  const text = (part: unknown): string => (typeof part === 'string' ? part : '');
  return { result, stdout: text(result.stdout), stderr: text(result.stderr), timeoutMs };
}

/** Run a command and hand back what it did, whatever that was; throws only where it did not run to its end. */
export async function run(file: string, args: readonly string[], options: ShellOptions = {}): Promise<CommandResult> {
  const { result, stdout, stderr, timeoutMs } = await start(file, args, options);
  if (result.exitCode === undefined) throw new ShellError(ending(file, result, timeoutMs));
  return { status: result.exitCode, stdout, stderr };
}

/** Run a command that has to succeed; hands back its standard output. */
export async function must(file: string, args: readonly string[], options: ShellOptions = {}): Promise<string> {
  const { result, stdout, stderr, timeoutMs } = await start(file, args, options);
  if (result.exitCode === 0) return stdout;
  const said = tail(stderr === '' ? stdout : stderr);
  throw new ShellError(`${ending(file, result, timeoutMs)}${said === '' ? '' : `:\n${said}`}`);
}
