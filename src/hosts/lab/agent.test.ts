import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Sick } from '../../../models/host.ts';
import { type Agent, answerIn, connect } from '../transport/agent.ts';
import { beside } from './register/paths.ts';

describe('an answer', () => {
  const whole = Buffer.from('3 0 1 4 2\nouté!rest'.replace('é', 'e'));

  test('is read as soon as it is complete', () => {
    expect(answerIn(whole)).toEqual({
      ran: { status: 3, stdout: 'oute', stderr: '!r', timedOut: false, truncated: true },
      length: 16,
    });
    for (let length = 0; length < 16; length++) expect(answerIn(whole.subarray(0, length))).toBeNull();
  });

  test('that makes no sense means that the machine is sick', () => {
    expect(() => answerIn(Buffer.from('Segmentation fault\n'))).toThrow(Sick);
  });
});

describe('agent.pl', () => {
  const directory = mkdtempSync(join(tmpdir(), 'stackfuzz-agent-'));
  const path = join(directory, 'socket');
  let server: Server;
  let agent: Agent;

  // As systemd does it inside a machine: one agent for each connection.
  beforeAll(async () => {
    server = createServer({ pauseOnConnect: true }, socket => {
      spawn('perl', [beside('agent.pl')], { stdio: [socket, socket, 'inherit'] }).on('exit', () => socket.destroy());
    });
    await new Promise<void>(done => server.listen(path, done));
  });
  afterAll(() => {
    server.close();
    rmSync(directory, { recursive: true });
  });
  beforeEach(async () => {
    agent = await connect(path, 'a test');
  });
  afterEach(() => agent.close());

  test('returns status and both streams', async () => {
    const ran = await agent.run('printf "grüß"; echo no >&2; exit 7', 9_000);
    expect(ran).toEqual({ status: 7, stdout: 'grüß', stderr: 'no\n', timedOut: false, truncated: false });
  });

  test('gives a command an empty standard input, and no state of earlier commands', async () => {
    await agent.run('cd /; FOO=bar; export FOO', 9_000);
    expect((await agent.run('cat; echo "[$FOO]"; pwd', 9_000)).stdout).not.toMatch(/bar|^\/$/m);
  });

  test('says 128 + the signal for a command that was killed', async () => {
    expect((await agent.run('kill -KILL $$', 9_000)).status).toBe(137);
  });

  test('stops a command that takes too long, and what it started', async () => {
    const ran = await agent.run('echo begun; (trap "" TERM; exec sleep 98765) & wait', 200);
    expect(ran).toMatchObject({ status: 124, timedOut: true, stdout: 'begun\n' });
    expect((await agent.run('pgrep -x -f "sleep 98765"', 9_000)).status).toBe(1);
  });

  test('kills a command that ignores TERM', async () => {
    expect(await agent.run('trap "" TERM; while :; do sleep 0.1; done', 100)).toMatchObject({ status: 124 });
  });

  test('limits a flood of output on both streams, and reads it to its end', async () => {
    const ran = await agent.run('head -c 5000000 /dev/zero | tee /dev/stderr; echo end', 60_000);
    expect([ran.status, ran.truncated, ran.stdout.length, ran.stderr.length]).toEqual([0, true, 2 ** 20, 2 ** 20]);
    expect((await agent.run('head -c 1048576 /dev/zero', 9_000)).truncated).toBe(false);
  });

  test('does not wait for a daemon that keeps the output open', async () => {
    const ran = await agent.run('setsid sleep 30 & echo $!', 20_000);
    expect(ran).toMatchObject({ status: 0, timedOut: false });
    process.kill(Number(ran.stdout), 'SIGKILL'); // still there: it was not killed either
  });

  test('runs scripts that are longer than one argument may be', async () => {
    const long = 'x'.repeat(300_000);
    expect((await agent.run(`cat <<E | wc -c\n${long}\nE`, 9_000)).stdout.trim()).toBe('300001');
  });

  test('does not run a script that could be written down only in part', async () => {
    const half = join(directory, 'half');
    // As on a full disk: a write that fails.
    const limited = 'trap "" XFSZ; ulimit -f 100; exec perl "$0"';
    const full = createServer({ pauseOnConnect: true }, socket => {
      spawn('bash', ['-c', limited, beside('agent.pl')], { stdio: [socket, socket, 'ignore'] }).on('exit', () =>
        socket.destroy(),
      );
    });
    await new Promise<void>(done => full.listen(half, done));
    const other = await connect(half, 'a full machine');
    const ran = other.run(`echo begun\n: '${'x'.repeat(300_000)}'`, 9_000);
    await expect(ran).rejects.toThrow(Sick);
    full.close();
  });

  test('runs one command after the other, in the order of the requests', async () => {
    const all = await Promise.all([0.05, 0.02, 0].map(wait => agent.run(`sleep ${wait}; date +%s%N`, 9_000)));
    const times = all.map(ran => BigInt(ran.stdout.trim()));
    expect(times.toSorted((a, b) => Number(a - b))).toEqual(times);
  });

  test('a dead agent makes the running command and every later one sick', async () => {
    await expect(agent.run('kill -KILL $PPID; sleep 5', 9_000)).rejects.toThrow(Sick);
    await expect(agent.run('true', 9_000)).rejects.toThrow(/channel to a test is dead/);
  });

  test('kills the running command when nobody reads any more', async () => {
    const cut = agent.run('exec sleep 87654', 9_000);
    const other = await connect(path, 'another test');
    await other.run('until pgrep -x -f "sleep 87654"; do sleep 0.05; done', 9_000);
    await agent.close();
    await expect(cut).rejects.toThrow(Sick);
    expect(await other.run('while pgrep -x -f "sleep 87654"; do sleep 0.05; done', 9_000)).toMatchObject({ status: 0 });
    await other.close();
  });
});
