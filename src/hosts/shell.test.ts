import { expect, test } from 'vitest';
import { must, run, ShellError } from './shell.ts';

test('what a command did is handed back, whatever it was', async () => {
  expect(await run('sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({
    status: 3,
    stdout: 'out',
    stderr: 'err',
  });
  expect((await run('cat', [], { input: 'given' })).stdout).toBe('given');
  expect((await run('cat', [])).stdout).toBe('');
});

test('a command that has to succeed says how it ended, and the tail of what it said', async () => {
  expect(await must('echo', ['yes'])).toBe('yes');
  await expect(must('sh', ['-c', 'seq 100 >&2; exit 4'])).rejects.toThrow(
    /^sh failed with exit status 4:\n86\n(.*\n)*100$/,
  );
});

test('each way not to reach the end has a sentence of its own', async () => {
  await expect(run('no-such-command', [])).rejects.toThrow(/^no-such-command is not installed/);
  await expect(run('sleep', ['60'], { timeoutMs: 100 })).rejects.toThrow(
    'sleep was stopped: it took longer than 0.1 s',
  );
  await expect(run('sleep', ['60'], { signal: AbortSignal.timeout(50) })).rejects.toThrow('sleep was cancelled');
  await expect(run('sh', ['-c', 'kill -KILL $$'])).rejects.toThrow('sh was killed by SIGKILL');
  await expect(run('no-such-command', [])).rejects.toThrow(ShellError);
});
