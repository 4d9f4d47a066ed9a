import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { must, run, ShellError } from './shell.ts';

test('the result of a command is returned, whatever it is', async () => {
  expect(await run('sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({
    status: 3,
    stdout: 'out',
    stderr: 'err',
  });
  expect((await run('cat', [], { input: 'given' })).stdout).toBe('given');
  expect((await run('cat', [])).stdout).toBe('');
});

test('a command that must succeed reports how it ended, and the end of its output', async () => {
  expect(await must('echo', ['yes'])).toBe('yes');
  await expect(must('sh', ['-c', 'seq 100 >&2; exit 4'])).rejects.toThrow(
    /^sh failed with exit status 4:\n86\n(.*\n)*100$/,
  );
});

test('each way to end too early has its own sentence', async () => {
  await expect(run('no-such-command', [])).rejects.toThrow(/^no-such-command is not installed/);
  await expect(run('sleep', ['60'], { timeoutMs: 100 })).rejects.toThrow(
    'sleep was stopped: it took longer than 0.1 s',
  );
  await expect(run('sleep', ['60'], { signal: AbortSignal.timeout(50) })).rejects.toThrow('sleep was cancelled');
  await expect(run('sh', ['-c', 'kill -KILL $$'])).rejects.toThrow('sh was killed by SIGKILL');
  await expect(run('no-such-command', [])).rejects.toThrow(ShellError);
});

/**
 * Kills a process that is running a command, and resolves when none of the processes that it started is left: each of them
 * holds one end of a pipe, which then closes.
 */
async function outlivedBy(command: string, diesWithUs: 'process' | 'tree'): Promise<string> {
  const built = fileURLToPath(new URL('../../../dist/src/hosts/transport/shell.js', import.meta.url));
  const script = `const { run } = await import(${JSON.stringify(built)});
    await run('sh', ['-c', ${JSON.stringify(command)}], ${JSON.stringify({ diesWithUs, lent: 3, timeoutMs: 0 })});`;
  const args = ['--input-type=module', '-e', script];
  const killed = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  let said = '';
  for await (const chunk of killed.stdio[3] as Readable) {
    said += chunk;
    killed.kill('SIGKILL');
  }
  return said;
}

const root = process.platform === 'linux' && process.getuid?.() === 0;

test.skipIf(process.platform !== 'linux')('a command dies with the process that runs it', async () => {
  expect(await outlivedBy('echo begun >&3; exec sleep 300', 'process')).toBe('begun\n');
});

test.skipIf(!root)('a command dies with the process that runs it, and with it all that it started', async () => {
  const command = 'setsid sh -c "trap : TERM INT HUP; echo begun >&3; while :; do sleep 300; done" & wait';
  expect(await outlivedBy(command, 'tree')).toBe('begun\n');
});

test.skipIf(!root)('a command that is to die with us ends as it would otherwise', async () => {
  for (const diesWithUs of ['process', 'tree'] as const) {
    const command = 'cat; echo out; echo err >&2; exit 3';
    expect(await run('sh', ['-c', command], { diesWithUs })).toEqual({ status: 3, stdout: 'out', stderr: 'err' });
    await expect(run('sleep', ['60'], { diesWithUs, signal: AbortSignal.timeout(50) })).rejects.toThrow(
      'sleep was cancelled',
    );
  }
});
