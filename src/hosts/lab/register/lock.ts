import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { run } from '../../transport/shell.ts';
import { alive, procOf } from './process.ts';

/** What a lock is for, and who is told of a wait. */
export interface LockOptions {
  /** What its holder does, as the end of a sentence: `builds a Debian trixie root`. */
  readonly doing: string;
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** What a holder writes into the file, for those who wait. */
const noteForm = z.object({
  pid: z.int().min(1),
  started: z.string().regex(/^\d+$/),
  doing: z
    .string()
    .max(200)
    .regex(/^[ -~]*$/),
});

/**
 * Does something while nobody else does what has the same lock file. The lock is the kernel's, on a descriptor of this process:
 * it ends with this process and with those children that got `held`. Whoever waits is told for whom.
 */
export async function locked<T>(file: string, options: LockOptions, work: (held: number) => Promise<T>): Promise<T> {
  const handle = opened(file);
  try {
    if (!(await taken(handle))) {
      options.say?.(`waiting for ${holderOf(file)}`);
      await waited(handle, file, options.signal);
    }
    return await holding(handle, options.doing, work);
  } finally {
    closeSync(handle);
  }
}

/** The same, or null at once if somebody else has the lock. */
export async function ifFree<T>(file: string, doing: string, work: () => Promise<T>): Promise<T | null> {
  const handle = opened(file);
  try {
    return (await taken(handle)) ? await holding(handle, doing, work) : null;
  } finally {
    closeSync(handle);
  }
}

const opened = (file: string): number =>
  openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);

// flock(1) locks the file that it has as descriptor 3, which is ours too: the lock stays when flock has ended.
const taken = async (handle: number): Promise<boolean> =>
  (await run('flock', ['--nonblock', '3'], { lent: handle })).status === 0;

async function waited(handle: number, file: string, signal: AbortSignal | undefined): Promise<void> {
  const options = { lent: handle, timeoutMs: 0, diesWithUs: 'process' as const };
  try {
    const { status, stderr } = await run('flock', ['3'], signal === undefined ? options : { ...options, signal });
    if (status !== 0) throw new Error(`flock could not lock ${file}: ${stderr}`);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function holding<T>(handle: number, doing: string, work: (held: number) => Promise<T>): Promise<T> {
  note(handle, JSON.stringify({ ...procOf(process.pid), doing }));
  try {
    return await work(handle);
  } finally {
    note(handle, '');
  }
}

/** For those who wait; a full disk does not stop the work. */
function note(handle: number, text: string): void {
  try {
    ftruncateSync(handle);
    writeSync(handle, text, 0);
  } catch {}
}

/** Who has a lock, if its file says so. */
function holderOf(file: string): string {
  try {
    const { pid, started, doing } = noteForm.parse(JSON.parse(readFileSync(file, 'utf8')));
    const whose = alive({ pid, started }) ? '' : ' (it was killed, and what it started is about to end)';
    return `process ${pid}, which ${doing}${whose}`;
  } catch {
    return `whoever has locked ${file} (to see who: lslocks)`;
  }
}
