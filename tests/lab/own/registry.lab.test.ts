import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { targetFor } from '../../../src/cli/options.ts';
import { ownMachineOf } from '../../../src/cli/own.ts';
import type { Deployment } from '../../../src/hosts/deployment.ts';
import { connectTo } from '../../../src/hosts/own/connection.ts';
import { begin } from '../../../src/hosts/own/guard/guard.ts';
import { guardedHostOf } from '../../../src/hosts/own/guard/kept.ts';
import { registryBrought, registryTakenAway } from '../../../src/hosts/own/registry/probe-registry.ts';
import { labOperator } from '../../../src/hosts/paths.ts';
import { loadProfile } from '../../../src/profiles/profile.ts';
import { isTurnAmong } from '../../../src/setup/share.mjs';
import { typed } from '../../helpers/command.ts';
import { type SshMachine, sshAvailable, sshMachine } from '../../helpers/ssh-machine.ts';

const image = 'localhost:5055/probe';

const isDone = sshAvailable() && isTurnAmong(3, 5);

describe.skipIf(!isDone)('a machine without a registry, and without the probe image', () => {
  let machine: SshMachine;
  const type = (...args: string[]) => typed(args, machine.folder);
  /** Everything that stackfuzz could leave of it. */
  const left = (): Promise<string> =>
    machine.run(
      `podman images -a --format '{{.Repository}}:{{.Tag}}'; ls -A ~/.local/share/stackfuzz ~/.local/share/systemd ~/.config/containers 2> /dev/null
ls -A /etc/systemd/system /etc/systemd/system/multi-user.target.wants; systemctl is-active stackfuzz-registry.service
systemctl --user is-active stackfuzz-registry.service; curl -s localhost:5055/v2/ || echo "no answer"`,
      'operator',
    );
  let before: string;
  beforeAll(async () => {
    machine = await sshMachine();
    vi.stubEnv('XDG_STATE_HOME', machine.folder);
    // What a lab machine has of it is removed: the registry, podman's trust in it, and the images.
    await machine.run(
      'systemctl --quiet disable --now docker-registry.service; rm -rf /var/lib/docker-registry /etc/containers/registries.conf.d/lab.conf',
    );
    before = await left();
    expect(before).toMatch(/no answer$/);
    machine.configure({ probe: { image, serve: true } });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await machine?.down();
  });

  test('doctor says what to write, and that a port is taken', async () => {
    machine.configure();
    expect((await type('doctor', '--host', 'somebody')).out).toMatch(
      /a registry with the probe image at localhost:5000\/probe, found no answer\n {2}Have stackfuzz serve it .*serve: true/,
    );
    await machine.run(
      `systemd-run --quiet --unit=taken perl -MIO::Socket::INET -e 'my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1:5056", Listen => 50) or die; sleep'
until (exec 3<> /dev/tcp/127.0.0.1/5056) 2> /dev/null; do sleep 0.1; done`,
    );
    machine.configure({ probe: { image: 'localhost:5056/probe', serve: true } });
    expect((await type('doctor', '--host', 'somebody')).out).toMatch(
      /expected nothing at localhost:5056, where stackfuzz is to serve the probe images, found something/,
    );
    await machine.run('systemctl stop taken.service');
    await machine.run('mkdir -p ~/elsewhere ~/.config; ln -s ~/elsewhere ~/.config/containers', 'operator');
    expect((await type('doctor', '--host', 'somebody')).out).toMatch(
      /expected a directory \/home\/homelab\/\.config\/containers, .*found a link/,
    );
    await machine.run('rm ~/.config/containers; rmdir ~/elsewhere', 'operator');
  });

  test('levers find the images there, and nothing is left of them', async () => {
    machine.configure({ probe: { image, serve: true } });
    expect(await type('doctor', '--host', 'somebody')).toMatchObject({
      status: 0,
      out: expect.stringContaining('made of its busybox, and served at localhost:5055/probe while'),
    });
    const host = await ownMachineOf(targetFor({ host: 'somebody', hosts: join(machine.folder, 'stackfuzz.yaml') }), {
      note: () => {},
    });
    try {
      await host.reset();
      const first = await host.observe();
      expect(first.containers['web/app']).toMatchObject({ image: 'v1', state: 'running' });
      for (const pull of [
        () => host.publish('stable', 'v2'),
        () => host.publish('v3', null),
        () => host.registry('stop'),
        () => host.registry('start'),
      ])
        expect(await pull()).toMatchObject({ ok: true });
      const pulled = `podman pull -q ${image}:stable > /dev/null && podman image inspect -f '{{index .Labels "stackfuzz.version"}}' ${image}:stable`;
      expect(await machine.run(pulled, 'operator')).toBe('v2');
    } finally {
      // The tags are put back first: a registry of the owner's would stay.
      await host.close();
    }
    expect(await left()).toBe(before);
  });

  test('restore takes it away where its session is gone', async () => {
    const host = await ownMachineOf(targetFor({ host: 'somebody', hosts: join(machine.folder, 'stackfuzz.yaml') }), {
      note: () => {},
    });
    await host.reset();
    expect(await left()).not.toBe(before);
    const restored = await type('restore', '--host', 'somebody', '--break-lock');
    expect(restored, restored.out + restored.err).toMatchObject({ status: 0 });
    expect(await left()).toBe(before);
    await host.close().catch(() => {}); // its run is over, as the machine says
    expect(await left()).toBe(before);
  });

  test('without root and without a busybox it is a user unit, and images of the shell that is there', async () => {
    await machine.run('mv /bin/busybox /bin/away');
    const channel = await connectTo(machine.configure({ root: 'none', probe: { image, serve: true } }));
    const deployment = {
      operator: labOperator,
      site: { hasRoot: false, image },
    } as Deployment;
    const pulled = async (levers: typeof registryBrought): Promise<void> => {
      for (const { script, as, title } of levers(deployment, ['v1', 'v2']))
        expect(await channel.run(script, { as, timeoutMs: 60_000 }), title).toMatchObject({ status: 0 });
    };
    try {
      await pulled(registryBrought);
      const said = await channel.run(`set -e
podman run -d --name tried --label me=mine ${image}:v2 > /dev/null
podman exec tried sh -c 'test ! -e /sick && touch /sick && rm /sick && cat /bin/true > /dev/null && ! false'
until podman logs tried 2>&1 | grep -q probe; do sleep 0.05; done
podman stop -t 50 tried > /dev/null
podman inspect -f '{{.State.ExitCode}} {{index .Config.Labels "stackfuzz.version"}}' tried
podman rm tried > /dev/null; podman rmi ${image}:v2 > /dev/null
curl -s -o /dev/null -w '%{http_code}\\n' -X PUT -d '{"schemaVersion":2}' http://localhost:5055/v2/probe/manifests/v1
systemctl --user is-active stackfuzz-registry.service`);
      expect(said).toMatchObject({ status: 0, stdout: '0 v2\n400\nactive\n' });
      await pulled(registryTakenAway);
    } finally {
      await channel.close();
      await machine.run('mv /bin/away /bin/busybox');
    }
    expect(await left()).toBe(before);
  });

  test('generations that rebuilds have made go again, and those of the operator stay', async () => {
    const places = '~/.local/state/nix/profiles/home-manager';
    const { state } = loadProfile('home-manager');
    const own = machine.configure({ root: 'none', commands: { rebuild: 'true' }, declaration: '~/wanted.json' });
    const host = guardedHostOf(own, { state: { ...state, profile: places, generations: `${places}-*-link` } });
    const mark = `${state.tree}/${state.declaration}`;
    await machine.run(
      `mkdir -p ${places} store; rmdir ${places}; cd ~/store
for name in theirs ours others last; do mkdir -p $name; done
for name in ours last; do mkdir -p $name/${mark}; done
ln -s ~/store/theirs ${places}-1-link; ln -s home-manager-1-link ${places}`,
      'operator',
    );
    const links = () => machine.run(`cd ${places}/../; ls -d home-manager-*-link; readlink home-manager`, 'operator');
    const channel = await connectTo(own);
    try {
      const session = await begin(channel, host);
      const rebuilt = (...made: readonly string[]) =>
        session.channel.run(
          `cd ~/.local/state/nix/profiles; ${made.map((name, at) => `ln -s ~/store/${name} home-manager-${at + 2}-link`).join('; ')}; ln -sfn home-manager-${made.length + 1}-link home-manager`,
        );
      // The third one is a rebuild of somebody else's in between, and the last one equals the first.
      await rebuilt('ours', 'others', 'last', 'theirs');
      expect(await session.restore()).toMatchObject({
        left: [],
        stays: [expect.stringMatching(/^in .*\/profiles: home-manager-3-link$/)],
      });
      expect(await links()).toBe('home-manager-1-link\nhome-manager-3-link\nhome-manager-1-link');
      // The current one stays, whoever made it.
      const another = await begin(channel, host);
      await another.channel.run(
        'cd ~/.local/state/nix/profiles; ln -s ~/store/ours home-manager-6-link; ln -s ~/store/last home-manager-7-link; ln -sfn home-manager-7-link home-manager',
      );
      expect(await another.restore()).toMatchObject({
        left: [],
        stays: [expect.stringContaining(': home-manager-7-link')],
      });
      expect(await links()).toBe('home-manager-1-link\nhome-manager-3-link\nhome-manager-7-link\nhome-manager-7-link');
    } finally {
      await channel.close();
    }
  });
});
