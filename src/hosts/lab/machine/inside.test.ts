import { closeSync, existsSync, fstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { agentIn } from './channel.ts';
import { openInside, removeInside } from './inside.ts';

describe.skipIf(process.platform !== 'linux')('a tree that a machine can write', () => {
  let root: string;
  /** A folder of this computer that no machine may reach. */
  let outside: string;
  beforeEach(() => {
    [root, outside] = [mkdtempSync(join(tmpdir(), 'stackfuzz-root-')), mkdtempSync(join(tmpdir(), 'stackfuzz-out-'))];
    mkdirSync(join(outside, 'log/journal'), { recursive: true });
    writeFileSync(join(outside, 'log/journal/keep'), 'of this computer');
    return () => {
      for (const folder of [root, outside]) rmSync(folder, { recursive: true });
    };
  });
  const file = (path: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  };
  const open = (path: string): boolean => {
    const handle = openInside(root, path);
    try {
      return fstatSync(handle).isFile();
    } finally {
      closeSync(handle);
    }
  };

  test('is opened part by part', () => {
    file('run/agent/operator');
    expect(open('/run//agent/./operator')).toBe(true);
    expect(() => open('run/agent/nobody')).toThrow('ENOENT');
    expect(() => open('run/agent/operator/below')).toThrow('ENOTDIR');
    expect(() => open('run/../../etc/passwd')).toThrow('leads out');
  });

  test.each(['var', 'var/log', 'var/log/journal'])('is left by no link at %s', place => {
    mkdirSync(dirname(join(root, place)), { recursive: true });
    symlinkSync(join(outside, place.slice('var/'.length)), join(root, place));
    expect(() => open('var/log/journal')).toThrow(/is a link/);
    removeInside(root, 'var/log/journal');
    expect(existsSync(join(outside, 'log/journal/keep'))).toBe(true);
  });

  test('has something removed, and a link in it, but not what the link leads to', () => {
    file('var/log/journal/1/system.journal');
    symlinkSync(outside, join(root, 'var/log/journal/out'));
    expect(removeInside(root, 'var/log/journal')).toBe(true);
    expect([existsSync(join(root, 'var/log')), existsSync(join(root, 'var/log/journal'))]).toEqual([true, false]);
    expect(existsSync(join(outside, 'log/journal/keep'))).toBe(true);
    expect(removeInside(root, 'var/lib/gone/for/good')).toBe(false);
  });

  test('has an agent behind a socket of its own, never behind one of this computer', async () => {
    const server = createServer(socket => socket.end('ready\n'));
    await new Promise<void>(done => server.listen(join(outside, 'socket'), done));
    try {
      mkdirSync(join(root, 'run'));
      symlinkSync(join(outside, 'socket'), join(root, 'run/operator'));
      symlinkSync(outside, join(root, 'run/agents'));
      expect(await agentIn(outside, 'socket', 'test')).not.toBeNull();
      expect(await agentIn(root, 'run/operator', 'test')).toBeNull();
      expect(await agentIn(root, 'run/agents/socket', 'test')).toBeNull();
      expect(await agentIn(root, 'run/nothing', 'test')).toBeNull();
    } finally {
      server.close();
    }
  });
});
