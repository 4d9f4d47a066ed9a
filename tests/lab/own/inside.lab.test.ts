import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boot, type LabMachine, labAvailable } from '../../../src/hosts/lab/index.ts';
import { directoryOf } from '../../../src/hosts/lab/register/register.ts';
import { written } from '../../../src/hosts/real/levers/write.ts';
import type { Ran } from '../../../src/hosts/transport/channel.ts';
import { isTurnAmong } from '../../../src/setup/share.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const standalone = (file: string): string => readFileSync(`${root}tests/fixtures/standalone/${file}`, 'utf8');

/**
 * Two descriptions of the machine on which stackfuzz itself runs: with standalone Home Manager, which needs no root, and with
 * sudo.
 */
const hosts = `hosts:
  here:
    environment: non-prod
    transport: local
    operator: homelab
    root: none
    owner: home-manager
    profile: ./standalone
    commands: { rebuild: ~/bin/home-manager switch, rollback: ~/bin/home-manager switch --rollback }
    declaration: ~/wanted.json
    stacks: { prefix: fz }
    operations: { allow: [reboot] }
`;
const withSudo = hosts
  .replace('root: none', 'root: sudo')
  .replace(/ {4}profile: .*\n/, '')
  .replace(/commands: .*/, 'commands: profile')
  .replace(/ {4}declaration: .*\n/, '');

/**
 * What is left of stacks under test and of stackfuzz, without its journals, and without generations, which stay after any
 * rebuild.
 */
const left = `cd /; find -P /home/homelab /etc/systemd/user /run/user/1500/systemd/user \\
  \\( -path /home/homelab/.local/share/containers -o -path /home/homelab/.local/state/stackfuzz -o -path /home/homelab/.cache -o -path /home/homelab/.local/state/store -o -path /home/homelab/.local/state/nix -o -path /home/homelab/fuzz -o -path /home/homelab/.local/state/home-manager -o -path /home/homelab/.config/stackfuzz \\) -prune -o -printf '%y %m %u %p %l\\n' 2> /dev/null | sort
podman ps -a --format '{{.Names}}'; podman network ls -q; podman images -q; ls ~/.local/state/stackfuzz/lock 2> /dev/null; systemctl --user list-timers --no-legend`;

const isDone = labAvailable().ok && isTurnAmong(4, 5);

describe.skipIf(!isDone)('a machine on which stackfuzz itself runs', () => {
  let machine: LabMachine;
  const run = async (script: string, as: 'operator' | 'root' = 'operator'): Promise<Ran> =>
    machine.channel.run(script, { as, timeoutMs: 600_000 });
  const stackfuzz = (...args: readonly string[]): Promise<Ran> =>
    run(`cd ~/fuzz && node /opt/stackfuzz/dist/src/cli/main.js ${args.join(' ')}`);
  const entry = '/opt/stackfuzz/corpus/stopped-means-stopped/disable-stop.json';

  beforeAll(async () => {
    machine = await boot();
    const record = JSON.parse(readFileSync(join(directoryOf(machine.name), 'machine.json'), 'utf8'));
    const bind = fileURLToPath(new URL('../../helpers/bind-into.pl', import.meta.url));
    execFileSync('perl', [
      bind,
      String(record.leader.pid),
      `${process.execPath}=/usr/local/bin/node`,
      `${root}=/opt/stackfuzz`,
    ]);
    await run("mkdir -p /etc/stackfuzz /etc/systemd/user; echo 'host: here' > /etc/stackfuzz/non-prod", 'root');
    const prepared = await run(
      `mkdir -p ~/fuzz ~/bin ~/.local/share ~/.config/systemd/user ~/.local/state/home-manager/gcroots ~/.local/state/nix/profiles ~/.local/state/store ~/secrets
${written('/home/homelab/fuzz', { 'stackfuzz.yaml': hosts, 'standalone/profile.yaml': standalone('profile.yaml') })}
${written('/home/homelab/bin', { 'home-manager': standalone('home-manager') })}
chmod 755 ~/bin/home-manager; node -v`,
    );
    expect(prepared).toMatchObject({ status: 0, stdout: `${process.version}\n` });
  });
  afterAll(() => machine?.down());

  test('by commands of the operator’s own, without root: what is found shows, and nothing is left', async () => {
    const before = (await run(left)).stdout;
    const doctor = await stackfuzz('doctor', '--host', 'here');
    expect(doctor, doctor.stdout + doctor.stderr).toMatchObject({ status: 0 });
    expect(doctor.stdout).toMatch(/start-manager.* \(it needs root, and the hosts file says root: none\)/);
    const replayed = await stackfuzz('replay', entry, '--host', 'here');
    expect(replayed.stdout, replayed.stderr).toContain(`${entry}: still violated, as expected`);
    expect(replayed.status).toBe(0);
    expect((await run('cat ~/wanted.json')).stdout).toBe('');
    expect((await run(left)).stdout).toBe(before);
  });

  test('with sudo: the same, and it is never booted, whatever is allowed', async () => {
    await run("echo 'homelab ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/homelab", 'root');
    await run(written('/home/homelab/fuzz', { 'stackfuzz.yaml': withSudo }));
    const before = (await run(left)).stdout;
    const replayed = await stackfuzz('replay', entry, '--host', 'here', '--verbose');
    expect(replayed.stdout, replayed.stderr).toContain(`${entry}: still violated, as expected`);
    expect((await stackfuzz('doctor', '--host', 'here')).stdout).toMatch(
      /^Left out on here: reboot \(it needs another computer than this one/m,
    );
    expect((await run(left)).stdout).toBe(before);
  });
});
