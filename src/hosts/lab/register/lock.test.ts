import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { ifFree, locked } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-locks-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

/** Another process that takes a lock, and starts a child under it that lives on. */
async function holder(lock: string, child: string) {
  const built = (path: string): string =>
    fileURLToPath(new URL(`../../../../dist/src/hosts/${path}.js`, import.meta.url));
  const script = `const { locked } = await import(${JSON.stringify(built('lab/register/lock'))});
    const { run } = await import(${JSON.stringify(built('transport/shell'))});
    await locked(${JSON.stringify(lock)}, { doing: 'tests locks' }, async held => {
      console.log('held');
      await run('sh', ['-c', ${JSON.stringify(child)}], { lent: held });
    });`;
  const process_ = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(process_.stdout, 'data');
  return process_;
}

describe.skipIf(process.platform !== 'linux')('a lock', () => {
  test('is held by one at a time, also within one process', async () => {
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await sleep(5);
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => locked(file('one'), { doing: 'tests' }, work)));
    expect(await ifFree(file('one'), 'tests', async () => 'done')).toBe('done');
    await locked(file('one'), { doing: 'tests' }, async () => {
      expect(await ifFree(file('one'), 'tests', async () => 'done')).toBeNull();
    });
  });

  test('is released if the work fails', async () => {
    const failing = locked(file('failing'), { doing: 'tests' }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await ifFree(file('failing'), 'tests', async () => 'free')).toBe('free');
  });

  test('a waiter is told for whom it waits; the lock outlives a killed holder as long as its child lives', async () => {
    const [lock, begun, go] = [file('killed'), file('begun'), file('go')];
    const other = await holder(lock, `touch ${begun}; while [ ! -e ${go} ]; do sleep 0.02; done; rm ${go}`);
    while (!existsSync(begun)) await sleep(5);
    const said: string[] = [];
    let tell = (): void => {};
    const message = new Promise<void>(done => {
      tell = done;
    });
    const say = (line: string): void => {
      said.push(line);
      tell();
    };
    const mine = locked(lock, { doing: 'waits', say }, async () => existsSync(go));
    await message;
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(await ifFree(lock, 'tries', async () => 'free')).toBeNull();
    spawn('touch', [go]);
    expect(await mine).toBe(false); // its child ended after it removed it
    expect(said).toEqual([`waiting for process ${other.pid}, which tests locks`]);
  });

  test('waiting for it ends on Ctrl-C', async () => {
    await locked(file('cancelled'), { doing: 'tests' }, async () => {
      const abort = new AbortController();
      const say = (): void => abort.abort(new Error('enough'));
      const waiting = locked(file('cancelled'), { doing: 'waits', say, signal: abort.signal }, async () => 'got it');
      await expect(waiting).rejects.toThrow('enough');
    });
  });
});
