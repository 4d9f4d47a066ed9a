import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectTo, type OwnChannel } from '../../../src/hosts/own/connection.ts';
import { begin, Closed, type Guard, restore } from '../../../src/hosts/own/guard/guard.ts';
import { guardedHostOf } from '../../../src/hosts/own/guard/kept.ts';
import { type GuardedHost, guardText, type Side } from '../../../src/hosts/own/guard/settings.ts';
import type { Channel } from '../../../src/hosts/transport/channel.ts';
import { loadProfile } from '../../../src/profiles/profile.ts';
import { casesInShare } from '../../../src/setup/share.mjs';
import { type Ended, runStackfuzz } from '../../helpers/command.ts';
import { type Keys, type SshMachine, sshAvailable, sshMachine } from '../../helpers/ssh-machine.ts';
import { placeTheirs, seenOn } from '../../helpers/theirs.ts';

const profile = loadProfile('home-manager');
const built = fileURLToPath(new URL('../../../dist/src/', import.meta.url));

/** The guard, whose process can be killed at each point that it names: once, where a file says so. */
const killer =
  'killed() { [ ! -e "/tmp/hold-$side-$1" ] || { rm -f "/tmp/hold-$side-$1"; touch /tmp/held; sleep 4567; }; [ ! -e "/tmp/kill-$side-$1" ] || { rm -f "/tmp/kill-$side-$1"; kill -KILL $$; }; }';
const killable = guardText()
  .replace(/^folder=/m, line => `${killer}\n${line}`)
  .replace(/^( *)# point: ([\w-]+)$/gm, '$1killed $2');
const [beginning = '', restoring = ''] = guardText().split('# --- Restore');
const pointsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^ *# point: ([\w-]+)$/gm)].map(([, name = '']) => name);
const both = ['root', 'operator'] as const;
const begun = pointsIn(beginning).flatMap(name =>
  (name === 'timer' ? ['root' as const] : both).map(side => [side, name] as const),
);
/** Points of a restore in their order: the machine, then the operator's part, then the check. */
const restored: readonly (readonly [Side, string])[] = [
  ...['restoring', 'mounts', 'aside', 'remove', 'put', 'machine'].map(name => ['root', name] as const),
  ...['restoring', 'aside', 'remove', 'put', 'reloaded', 'stopped', 'containers', 'unit'].map(
    name => ['operator', name] as const,
  ),
  ...['proved', 'restored', 'watch'].map(name => ['operator', name] as const),
  ...['proved', 'restored', 'watch'].map(name => ['root', name] as const),
];

/** What a run changes in these tests: files, a unit, a container, files of root's. */
const drift = `mkdir -p ~/drift ~/.config/systemd/user.control/sfweb-stack.service.d
echo one > ~/drift/one
printf '[Service]\\nCPUWeight=50\\n' > ~/.config/systemd/user.control/sfweb-stack.service.d/50.conf
sed -i s/:stable/:v1/ ~/.config/systemd/user/sfweb-stack.service
rm ~/secrets/sfweb.env
systemctl --user daemon-reload
podman rename sfweb-app-1 sfweb-app-1-renamed
podman pull -q localhost:5000/probe:v2
podman untag localhost:5000/probe:stable`;
const rootsDrift = `mkdir -p /etc/systemd/user /usr/lib/systemd/user/sfweb-stack.service.d /usr/share/systemd/user/default.target.wants
ln -s /dev/null /usr/share/systemd/user/default.target.wants/sfweb-stack.service
printf '[Service]\\nCPUWeight=50\\n' > /usr/lib/systemd/user/sfweb-stack.service.d/50.conf; touch /etc/systemd/user/sfweb-stack.service; rm /etc/systemd/user/kept.service
mount --bind /etc /etc && mount -o remount,bind,ro /etc`;

describe.skipIf(!sshAvailable())('a guarded machine that faults happen to', () => {
  let machine: SshMachine;
  let channel: OwnChannel;
  let host: GuardedHost;
  let before: string;
  const seen = (): Promise<string> => seenOn(machine);
  const hostBy = (keys: Keys = {}): GuardedHost => guardedHostOf(machine.configure(keys), profile);
  const connect = async (keys: Keys = {}): Promise<void> => {
    await channel?.close();
    host = hostBy(keys);
    channel = await connectTo(machine.configure(keys));
  };
  const options = () => ({ text: killable });
  const command = (...args: readonly string[]): Promise<Ended> => runStackfuzz(args, machine.folder);
  const killAt = async (side: Side, name: string): Promise<void> => {
    await machine.run(`touch /tmp/kill-${side}-${name}`, side);
  };

  beforeAll(async () => {
    machine = await sshMachine();
    await placeTheirs(machine);
    await connect();
    before = await seen();
  });
  // A test that fails must not affect the others.
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    await machine.run('umount ~homelab/.local/state/stackfuzz /etc 2> /dev/null; rm -f /tmp/kill-*');
    await connect();
    await restore(channel, host, { ...options(), breakLock: true });
  });
  afterAll(async () => {
    await channel?.close();
    await machine?.down();
  });

  test('a dry run tells what would be done and recorded, and changes nothing', async () => {
    const own = 'ls -AR ~homelab/.local/state /var/lib/stackfuzz';
    const all = await machine.run(own);
    const preview = await command('fuzz', '--host', 'somebody', '--dry-run');
    expect(preview.out).toMatch(
      /^Would do any of these operations: .*\nWould do them to stacks whose names begin with sf, of homelab on somebody, which calls itself lab\.\n/,
    );
    expect(preview).toMatchObject({
      status: 0,
      out: expect.stringMatching(/of root's: .*\/etc\/systemd\/user.*Nothing was changed\.\n$/s),
    });
    expect(await machine.run(own)).toBe(all);
    expect(await seen()).toBe(before);
  });

  test.each(casesInShare(begun))('killed as it begins, %s, at "%s"', async (side, name) => {
    await killAt(side, name);
    await expect(begin(mortal(channel), host, options())).rejects.toThrow(/did not come to its end/);
    const again = await restore(channel, host, { ...options(), breakLock: true });
    expect(again.left).toEqual([]);
    expect(await seen()).toBe(before);
  });

  test('a restore that is killed at point after point ends as one that is not', async () => {
    expect(new Set(restored.map(([, name]) => name))).toEqual(new Set(pointsIn(restoring)));
    const guard = await begin(channel, host, options());
    await guard.channel.run(drift);
    await guard.channel.run(rootsDrift, { as: 'root' });
    await guard.channel.run('podman volume create sfweb_data; podman network create sfweb_default');
    // Somebody else's, with the prefix inside its name.
    await machine.run('podman volume create my-sf-data; podman network create my-sf', 'operator');
    const met: boolean[] = [];
    for (const [side, name] of casesInShare(restored)) {
      await killAt(side, name);
      const ended = await guard.restore().catch(() => null);
      expect(ended?.left, name).not.toEqual([]);
      const file = `/tmp/kill-${side}-${name}`;
      met.push((await machine.run(`[ -e ${file} ] && echo left || echo met`)) === 'met');
    }
    expect(met).toEqual(met.map(() => true));
    expect((await guard.restore()).left).toEqual([]);
    const others = 'podman volume ls -q; podman network ls --format {{.Name}} | grep sf';
    expect(await machine.run(others, 'operator')).toBe('my-sf-data\nmy-sf');
    await machine.run('podman volume rm my-sf-data; podman network rm my-sf', 'operator');
    expect(await seen()).toBe(before);
  });

  test('of two runs that begin at once one gets the machine', async () => {
    const other = await connectTo(machine.configure());
    const tried = await Promise.allSettled([begin(channel, host, options()), begin(other, host, options())]);
    const guards = tried.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
    expect(guards.length).toBe(1);
    expect(String(tried.find(each => each.status === 'rejected')?.reason)).toMatch(/nobody else is testing/);
    expect((await (guards[0] as Guard).restore()).left).toEqual([]);
    await other.close();
    expect(await seen()).toBe(before);
  });

  test('the connection is cut in the middle of a change', async () => {
    const guard = await begin(channel, host, options());
    const under = expect(
      guard.channel.run(`${drift}\ntouch ~/drift/reached; sleep 6543; touch ~/drift/late`),
    ).rejects.toThrow(/is dead/);
    while ((await machine.run('pgrep -cf "sleep [6]543" || true')) === '0');
    await machine.cut();
    await under;
    const early = await command('restore', '--host', 'somebody');
    expect(early).toMatchObject({ status: 3, err: expect.stringMatching(/waits another \d+ s.*--break-lock/s) });
    const late = await command('restore', '--host', 'somebody', '--break-lock');
    expect(late).toMatchObject({ status: 0, out: expect.stringMatching(/^Restored, and looked at again/) });
    expect(await seen()).toBe(before);
    expect((await command('restore', '--host', 'somebody')).out).toMatch(/There is nothing to restore/);
  });

  test('the harness is killed in the middle of a change, and the machine restores itself', async () => {
    const file = (name: string): string => JSON.stringify(pathToFileURL(join(built, name)).href);
    const script = `
      const { connectTo } = await import(${file('hosts/own/connection.js')});
      const { begin } = await import(${file('hosts/own/guard/guard.js')});
      const { guardedHostOf } = await import(${file('hosts/own/guard/kept.js')});
      const { loadProfile } = await import(${file('profiles/profile.js')});
      const host = ${JSON.stringify(machine.configure({ budgets: { unattended: '4s' } }))};
      const guard = await begin(await connectTo(host), guardedHostOf(host, loadProfile('home-manager')));
      await guard.channel.run(${JSON.stringify(drift)});
      await guard.channel.run(${JSON.stringify(rootsDrift)}, { as: 'root' });
      console.log('begun');
      await guard.channel.run('sleep 7654', { timeoutMs: 1000 });`;
    const harness: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(harness, 'exit').then(([status]) =>
      Promise.reject(new Error(`the harness ended with ${status}`)),
    );
    await Promise.race([once(harness.stdout as NodeJS.ReadableStream, 'data'), ended]);
    ended.catch(() => {});
    harness.kill('SIGKILL');
    expect(await seen()).not.toBe(before);
    // A clock that jumps neither starts it nor keeps it from starting.
    expect(await machine.run('systemctl show -P TimersCalendar stackfuzz-restore.timer')).toBe('');
    expect(await machine.run('systemctl show -P TimersMonotonic stackfuzz-restore.timer')).toMatch(
      /OnActiveUSec(.|\n)*OnUnitInactiveUSec|OnUnitInactiveUSec(.|\n)*OnActiveUSec/,
    );
    while ((await machine.run('ls /var/lib/stackfuzz/guard/lock 2> /dev/null || true')) !== '');
    expect(await seen()).toBe(before);
    expect(await machine.run('tail -n 1 /var/lib/stackfuzz/guard/runs/*/journal')).toMatch(
      /"what":"restored","say":"by the host itself/,
    );
  });

  test('the machine is booted in the middle', async () => {
    const guard = await begin(channel, host, options());
    await guard.channel.run(drift);
    await machine.lab.reboot();
    await connect();
    await expect(begin(channel, host, options())).rejects.toThrow(
      /the host was booted since.*stackfuzz restore --host somebody/s,
    );
    expect(await command('restore', '--host', 'somebody')).toMatchObject({ status: 0 });
    expect(await seen()).toBe(before);
  });

  test('the machine is booted in the middle of a restore: the next one ends it', async () => {
    const guard = await begin(channel, host, options());
    await guard.channel.run(drift);
    await guard.channel.run(rootsDrift, { as: 'root' });
    await machine.run('rm -f /tmp/held; touch /tmp/hold-operator-put', 'operator');
    const under = guard.restore().catch(() => null);
    await machine.run('until [ -e /tmp/held ]; do sleep 0.05; done');
    await machine.lab.reboot();
    expect(await under).toBeNull();
    await connect();
    await expect(begin(channel, host, options())).rejects.toThrow(
      /the host was booted since.*stackfuzz restore --host somebody/s,
    );
    expect(await command('restore', '--host', 'somebody')).toMatchObject({ status: 0 });
    expect(await seen()).toBe(before);
  });

  test('the disk is full in the middle, and as it is restored: that is told, and room makes it good', async () => {
    // Units, secrets and the folder of the run on one small file system.
    const places = '.config secrets .local/state';
    await machine.run(
      `mkdir -p ~homelab/.local/state; mkdir /run/small; mount -t tmpfs -o size=2m small /run/small; cd ~homelab
for place in ${places}; do mkdir -p /run/small/$place; chown --reference=$place /run/small/$place; chmod --reference=$place /run/small/$place; cp -a $place/. /run/small/$place; mount --bind /run/small/$place $place; done
mkdir -m 777 /run/small/full`,
    );
    const fill = 'head -c 4M /dev/zero >> /run/small/full/up 2> /dev/null || true';
    const guard = await begin(channel, host, options());
    await guard.channel.run(drift);
    await machine.run(fill);
    // Longer than what the last page of the journal still takes: half of the line is written.
    const title = 'two '.repeat(2_000);
    await expect(guard.channel.run('touch ~/drift/two', { title })).rejects.toThrow(
      /journal cannot be written: 0 free on .*not done: two/,
    );
    expect(await machine.run('ls ~/drift', 'operator')).toBe('one');
    await expect(guard.channel.run('touch ~/drift/three')).rejects.toThrow(Closed);
    // What was kept for a restore is gone as well.
    await machine.run(`rm ~homelab/.local/state/stackfuzz/runs/*/reserve; ${fill}`);
    const full = await command('restore', '--host', 'somebody', '--break-lock');
    expect(full, full.out + full.err).toMatchObject({
      status: 2,
      out: expect.stringMatching(
        /^- what .*: 0 free on .*\n {2}make room there, then: stackfuzz restore --host somebody\nWhen that is done/,
      ),
    });
    await expect(begin(channel, host, options())).rejects.toThrow(/somebody else|nobody else|as it was before/);
    await machine.run('rm -r /run/small/full');
    const roomy = await command('restore', '--host', 'somebody', '--break-lock');
    expect(roomy, roomy.out + roomy.err).toMatchObject({ status: 0 });
    expect(await seen()).toBe(before);
    await machine.run(`mkdir -m 777 /run/small/full; ${fill}`);
    await expect(begin(channel, host, options())).rejects.toThrow(/cannot be written: 0 free/);
    expect(await seen()).toBe(before);
    await machine.run(
      `cd ~homelab; for place in ${places}; do umount --lazy $place; rm -rf $place/*; cp -a /run/small/$place/. $place; done; umount --lazy /run/small; rmdir /run/small`,
    );
    expect(await seen()).toBe(before);
  });

  test('sudo is refused in the middle: it is said, and the machine restores itself all the same', async () => {
    const brief = hostBy({ budgets: { unattended: '3s' } });
    const guard = await begin(channel, brief, options());
    await guard.channel.run(drift);
    await guard.channel.run(rootsDrift, { as: 'root' });
    await machine.run('umount /etc; mv /etc/sudoers.d/homelab /root/');
    await channel.close(); // a running stackfuzz is reported
    const refused = await command('restore', '--host', 'somebody');
    expect(refused).toMatchObject({
      status: 2,
      err: expect.stringMatching(/sudo.*Once it answers: stackfuzz restore --host somebody/s),
    });
    while ((await machine.run('ls /var/lib/stackfuzz/guard/lock 2> /dev/null || true')) !== '');
    await machine.run('mv /root/homelab /etc/sudoers.d/');
    await connect();
    expect(await seen()).toBe(before);
  });

  test('without root the operator keeps what is theirs, and their own timer restores it, also after a boot', async () => {
    await connect({ root: 'none', budgets: { unattended: '2s' } });
    const guard = await begin(channel, host, options());
    await guard.channel.run(drift);
    await channel.close();
    await machine.lab.reboot();
    while ((await machine.run('ls ~/.local/state/stackfuzz/lock 2> /dev/null || true', 'operator')) !== '');
    expect(await seen()).toBe(before);
    await connect();
  });

  test('what cannot be put right is told, with what to type, and the machine stays locked until it is', async () => {
    const guard = await begin(channel, host, options());
    await guard.channel.run(drift);
    await machine.run(
      'chattr +i /dev/null 2> /dev/null; mv ~homelab/.config ~homelab/.real; ln -s .real ~homelab/.config; chown -h homelab: ~homelab/.config',
    );
    const first = await command('restore', '--host', 'somebody', '--break-lock');
    expect(first).toMatchObject({
      status: 2,
      out: expect.stringMatching(
        /\.config leads elsewhere now than to \/home\/homelab\/\.config: nothing is written there\n {2}ls -ld/,
      ),
    });
    await expect(begin(channel, host, options())).rejects.toThrow(/not everything could be put right/);
    await machine.run('rm ~homelab/.config; mv ~homelab/.real ~homelab/.config');
    expect(await command('restore', '--host', 'somebody')).toMatchObject({ status: 0 });
    expect(await seen()).toBe(before);
    await expect(guard.channel.run('true')).rejects.toThrow(/restored on the host/);
  });
});

/** A channel of a stackfuzz that ends with its first killed call. */
function mortal(channel: Channel): Channel {
  let dead = false;
  return {
    ...channel,
    async run(script, given) {
      if (dead) throw new Error('the harness is gone');
      const ran = await channel.run(script, given);
      dead = ran.status === 137;
      return ran;
    },
  };
}
