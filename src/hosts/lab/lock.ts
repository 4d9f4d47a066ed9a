import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runDirectory } from './paths.ts';

/**
 * Do something while no other run does the same. The lock is the kernel's (flock), held by a child that ends when its
 * standard input does, so that a run that is killed never leaves one behind.
 */
export async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  const directory = join(runDirectory, 'locks');
  mkdirSync(directory, { recursive: true });
  const holder = spawn('flock', [join(directory, name), 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await Promise.race([
      once(holder.stdout, 'data'),
      once(holder, 'exit').then(() => Promise.reject(new Error(`flock could not lock ${join(directory, name)}`))),
    ]);
    return await work();
  } finally {
    const gone = holder.exitCode === null ? once(holder, 'exit') : null;
    holder.stdin.end();
    await gone;
  }
}
