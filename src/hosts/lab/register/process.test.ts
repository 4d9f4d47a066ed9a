import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { alive, isInit, kill, procOf, startedAt } from './process.ts';

test('the start time is found after a name with blanks and parentheses', () => {
  const fields = Array.from({ length: 50 }, (_, index) => String(index + 3));
  expect(startedAt(`17 (a) b (c)) ${fields.join(' ')}`)).toBe('22');
});

test('PID 1 of a machine is distinguished from systemd-nspawn and from deeper namespaces', () => {
  expect(isInit('Name:\tsystemd\nPPid:\t70\nNSpid:\t71\t1\n', 70)).toBe(true);
  expect(isInit('Name:\tsystemd-nspawn\nPPid:\t70\nNSpid:\t71\n', 70)).toBe(false);
  expect(isInit('Name:\tsystemd\nPPid:\t7\nNSpid:\t71\t1\n', 70)).toBe(false);
  expect(isInit('Name:\tcatatonit\nPPid:\t70\nNSpid:\t71\t9\t1\n', 70)).toBe(false);
});

test('a process with the same PID and another start time is another one, and is not killed', async () => {
  const child = spawn('sleep', ['100']);
  await once(child, 'spawn');
  const proc = procOf(child.pid ?? 0);
  if (proc === null) throw new Error('sleep did not start');
  kill({ ...proc, started: '1' });
  expect(alive({ ...proc, started: '1' })).toBe(false);
  expect(alive(proc)).toBe(true);
  kill(proc);
  await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  expect(alive(proc)).toBe(false);
});
