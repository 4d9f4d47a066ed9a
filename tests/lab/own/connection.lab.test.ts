import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTo, type OwnChannel, Unreachable } from '../../../src/hosts/own/connection.ts';
import { runProgram } from '../../helpers/command.ts';
import { type Keys, type SshMachine, sshAvailable, sshMachine } from '../../helpers/ssh-machine.ts';

describe.skipIf(!sshAvailable())('a machine over ssh', () => {
  let machine: SshMachine;
  let channel: OwnChannel;
  beforeAll(async () => {
    machine = await sshMachine();
    channel = await connectTo(machine.configure());
  });
  afterAll(async () => {
    await channel?.close();
    await machine?.down();
  });

  test('operator and root speak over one connection, each with an environment of theirs', async () => {
    const said = 'id -un; echo "$HOME $XDG_RUNTIME_DIR"; systemctl --user is-system-running';
    expect((await channel.run(said)).stdout).toBe('homelab\n/home/homelab /run/user/1500\nrunning\n');
    expect((await channel.run('id -un; echo $HOME', { as: 'root' })).stdout).toBe('root\n/root\n');
    expect(await machine.run('pgrep -cf "^sshd(-session)?: homelab@"')).toBe('1');
  });

  test('status, both streams, large scripts and large output come through', async () => {
    const long = 'x'.repeat(200_000);
    const ran = await channel.run(`echo ${long} | wc -c; head -c 300000 /dev/zero | tr '\\0' y >&2; exit 7`);
    expect(ran).toMatchObject({ status: 7, stdout: '200001\n', stderr: 'y'.repeat(300_000), timedOut: false });
  });

  test('what takes too long is killed on the machine', async () => {
    const ran = await channel.run('echo begun; sleep 4321', { timeoutMs: 300 });
    expect(ran).toMatchObject({ status: 124, timedOut: true, stdout: 'begun\n' });
    expect(await machine.run('pgrep -cf "sleep [4]321" || true')).toBe('0');
  });

  test('a cut connection is sickness for what was under way, which dies with it, and the next command has another', async () => {
    const under = expect(channel.run('sleep 5432')).rejects.toThrow(/the channel to somebody is dead/);
    while ((await machine.run('pgrep -cf "sleep [5]432" || true')) === '0');
    await machine.cut();
    await under;
    expect((await channel.run('echo again')).stdout).toBe('again\n');
    expect((await channel.run('id -un', { as: 'root' })).stdout).toBe('root\n');
    expect(channel.reconnections).toBe(1);
    while ((await machine.run('pgrep -cf "sleep [5]432" || true')) !== '0');
  });

  test('the bench compares it with the same machine entered directly, here one short round', async () => {
    const program = fileURLToPath(new URL('../../../dist/bench/ssh.bench.js', import.meta.url));
    machine.configure();
    const args = [join(machine.folder, 'stackfuzz.yaml'), machine.name, machine.lab.name, '2'];
    const { status, out, err } = await runProgram(process.execPath, [program, ...args], machine.folder);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^a look: \d+\.\d ms over ssh, \d+\.\d ms directly: \d+\.\d\d x/m);
  });

  test('whoever refuses is quoted, with what to type; nothing is asked for', async () => {
    const refusal = async (keys: Keys = {}): Promise<string> => {
      const error: unknown = await connectTo(machine.configure(keys)).catch(error => error);
      expect(error).toBeInstanceOf(Unreachable);
      return (error as Error).message;
    };
    const known = join(machine.folder, 'known_hosts');
    const key = readFileSync(known, 'utf8');
    writeFileSync(known, `somebody ${readFileSync(join(machine.folder, 'operator.pub'), 'utf8')}`);
    expect(await refusal()).toMatch(/Host key verification failed.*\n {2}Where this is the machine that you mean/);
    writeFileSync(known, key);
    const config = join(machine.folder, 'ssh_config');
    const to = (user: string, more: object = {}) => ({
      transport: { ssh: { destination: `${user}@x`, config, ...more } },
    });
    expect(await refusal(to('nobody'))).toMatch(/nobody@x, found: .*Permission denied.*\n.*ssh-copy-id nobody@x$/);
    expect(await refusal({ operator: 'abl030' })).toMatch(
      /expected the user abl030 on the machine, found: none of that name/,
    );
    const gone = to('homelab', { config: '/dev/null', port: 1, options: ['Hostname=127.0.0.1'] });
    expect(await refusal(gone)).toMatch(/Connection refused\n {2}See whether it answers you: ssh -p 1 homelab@x true$/);
    await machine.run('rm /etc/sudoers.d/homelab');
    expect(await refusal()).toMatch(/expected that sudo -n makes homelab root.*password is required\n.*NOPASSWD/);
    expect(await refusal({ operator: 'games' })).toMatch(
      /expected to speak as games, found: that homelab logs in, and may not/,
    );
    await machine.run("echo 'homelab ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/homelab");
  });

  test.each([
    ['games', 'sudo', 'homelab'],
    ['homelab', 'ssh-root', 'homelab'],
  ])('who logs in need not be %s (root: %s)', async (operator, root) => {
    const other = await connectTo(machine.configure({ operator, root }));
    expect((await other.run('id -un; id -Gn; echo $USER')).stdout).toBe(`${operator}\n${operator}\n${operator}\n`);
    expect((await other.run('id -un', { as: 'root' })).stdout).toBe('root\n');
    await other.close();
  });
});
