import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Sick } from '../../../models/host.ts';
import { boot, buildRoot, type LabMachine, labAvailable, list, tracesOf } from '../../../src/hosts/lab/index.ts';
import { bootOn } from '../../../src/hosts/lab/machine/machine.ts';

describe.skipIf(!labAvailable().ok)('two machines side by side', () => {
  let machines: LabMachine[] = [];
  const all = async (script: string, as: 'operator' | 'root' = 'operator') =>
    Promise.all(machines.map(async machine => (await machine.channel.run(script, { as })).stdout.trim()));

  beforeAll(async () => {
    machines = [await boot(), await boot()];
  });
  afterAll(() => Promise.all(machines.map(machine => machine.down())));

  test('each runs systemd and a user manager of the operator, and the registry holds the probe image', async () => {
    expect(await all('systemctl is-system-running; systemctl --user is-system-running')).toEqual([
      'running\nrunning',
      'running\nrunning',
    ]);
    // The registry lists its tags in no fixed order.
    const listed = (await all('curl -s localhost:5000/v2/probe/tags/list')).map(answer =>
      JSON.parse(answer).tags.sort(),
    );
    expect(listed).toEqual(Array(2).fill(['broken', 'stable', 'v1', 'v2', 'v3']));
  });

  test('the operator runs rootless containers', async () => {
    const [said] = await all(
      'podman run --rm localhost:5000/probe:v2 echo hello; podman image inspect -f "{{index .Labels \\"stackfuzz.version\\"}}" localhost:5000/probe:v2',
    );
    expect(said).toBe('hello\nv2');
  });

  test('PID 1 of the image answers SIGTERM at once, and says its version', async () => {
    const [said] = await all(
      'podman run -d --name p localhost:5000/probe:v3 >/dev/null; until podman logs p | grep .; do :; done; podman stop -t 60 p; podman inspect -f {{.State.ExitCode}} p; podman rm p',
    );
    expect(said).toBe('probe v3\np\n0\np');
  });

  test('the way in is no session, lives in the machine, and outlives the user manager of that machine alone', async () => {
    const [one, other] = machines;
    const cgroup = '0::/system.slice/system-stackfuzz\\x2doperator.slice';
    for (const path of await all('tail -1 /proc/self/cgroup')) expect(path).toContain(cgroup);
    expect(await all('loginctl list-sessions --no-legend | grep -vc manager')).toEqual(['0', '0']);
    await one?.channel.run('systemctl stop user@1500', { as: 'root' });
    expect(
      await all('systemctl is-active user@1500; systemctl --user is-system-running 2>&1 | tail -1 | cut -c-17'),
    ).toEqual(['inactive\nFailed to connect', 'active\nrunning']);
    await one?.channel.run('systemctl start user@1500', { as: 'root' });
    expect((await one?.channel.run('systemctl --user is-system-running'))?.stdout).toBe('running\n');
    expect((await other?.channel.run('loginctl show-user homelab -P Linger'))?.stdout).toBe('yes\n');
  });

  test('operator and root run side by side, and neither sees the other machine', async () => {
    const [one] = machines;
    const slow = one?.channel.run('until [ -e /run/go ]; do sleep 0.01; done; echo gone');
    await one?.channel.run('touch /run/go', { as: 'root' });
    expect((await slow)?.stdout).toBe('gone\n');
    expect(await all('ls /run/go 2>&1')).toEqual(['/run/go', "ls: cannot access '/run/go': No such file or directory"]);
  });

  test('a reboot keeps root, home and linger, and the channel goes on', async () => {
    const [one] = machines;
    await one?.channel.run('echo root > /etc/stackfuzz-note; touch /run/volatile', { as: 'root' });
    await one?.channel.run('echo home > ~/note');
    await one?.reboot();
    expect((await one?.channel.run('cat /etc/stackfuzz-note ~/note; ls /run/volatile'))?.stdout).toBe('root\nhome\n');
    expect(
      (await one?.channel.run('journalctl --list-boots --no-pager | grep -c "^ *-*[01] "', { as: 'root' }))?.stdout,
    ).toBe('2\n');
  });

  test('a machine that dies makes its channel sick', async () => {
    const other = machines[1];
    // --force --force: no clean shutdown, the machine is gone in the middle of the command
    await expect(other?.channel.run('poweroff --force --force; sleep 60', { as: 'root' })).rejects.toThrow(Sick);
    await expect(other?.channel.run('true')).rejects.toThrow(Sick);
  });

  test('taken down, nothing of a machine is left', async () => {
    const [one] = machines;
    const name = one?.name ?? '';
    expect(list().find(listed => listed.name === name)).toMatchObject({
      up: true,
      owner: process.pid,
      abandoned: false,
    });
    expect(tracesOf(name).length).toBeGreaterThan(4);
    await one?.down();
    expect(tracesOf(name)).toEqual([]);
    expect(list().some(listed => listed.name === name)).toBe(false);
  });
});

test.skipIf(!labAvailable().ok)('a boot that is cancelled leaves nothing behind', async () => {
  const abort = new AbortController();
  const name = `lab-cancelled-${process.pid}`;
  const booting = boot({ name, signal: abort.signal });
  while (!list().some(listed => listed.name === name && listed.up)) await new Promise(done => setTimeout(done, 5));
  abort.abort(new Error('changed my mind'));
  await expect(booting).rejects.toThrow('changed my mind');
  expect(tracesOf(name)).toEqual([]);
});

describe.skipIf(!labAvailable().ok)('a machine that does not come up', () => {
  const layer = mkdtempSync(join(tmpdir(), 'stackfuzz-layer-'));
  afterAll(() => rmSync(layer, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(join(layer, path, '..'), { recursive: true });
    writeFileSync(join(layer, path), text);
    chmodSync(join(layer, path), 0o755);
  };
  const attempt = async (name: string, timeoutMs: number): Promise<unknown> => {
    const lowers = [layer, join(await buildRoot(), 'root')];
    return bootOn({ suite: 'trixie', lowers }, { name, timeoutMs }).then(
      machine => machine.down(),
      (error: unknown) => error,
    );
  };

  test('in time is sick, says what it waits for, and leaves nothing behind', async () => {
    write('etc/systemd/system/docker-registry.service.d/slow.conf', '[Service]\nExecStartPre=sleep 60\n');
    const name = `lab-slow-${process.pid}`;
    const error = await attempt(name, 5_000);
    expect(error).toBeInstanceOf(Sick);
    expect(String(error)).toMatch(
      /systemd or the registry did not come up[\s\S]*docker-registry\.service +start +running/,
    );
    expect(tracesOf(name)).toEqual([]);
  });

  test('at all is sick, quotes its console, and leaves nothing behind', async () => {
    write('usr/lib/systemd/systemd', '#!/bin/sh\necho no init today; exit 5\n');
    const name = `lab-broken-${process.pid}`;
    const error = await attempt(name, 20_000);
    expect(error).toBeInstanceOf(Sick);
    expect(String(error)).toMatch(/systemd-nspawn ended with 5 while booting; its console said:\nno init today/);
    expect(tracesOf(name)).toEqual([]);
  });
});
