import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Seconds that a lock is waited for: whoever holds it longer hangs, and what is to be done must not be lost for that. */
const patience = 60;

/**
 * Does something while no other process, and nothing else in this one, does the same to a folder. The lock is the
 * kernel's (flock(2), on the folder itself, so that no file is left), held by a child that ends when its standard input
 * does: a run that is killed never leaves one behind. Ctrl-C, which a terminal sends to the whole group, does not end it.
 * @returns what the work makes; it is told whether the lock is held, which it is not where flock(1) or the file system
 * cannot do it.
 */
export async function lockedFolder<T>(folder: string, work: (held: boolean) => Promise<T>): Promise<T> {
  const holder = spawn('flock', ['--wait', String(patience), folder, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  holder.stdin.on('error', () => {}); // it has ended already
  const ended = new Promise<false>(resolve => {
    holder.once('error', () => resolve(false)).once('exit', () => resolve(false));
  });
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), ended]);
  try {
    return await work(held);
  } finally {
    holder.stdin.end();
    await ended;
  }
}
