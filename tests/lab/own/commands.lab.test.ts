import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { lasting } from '../../../models/observation.ts';
import { loadCatalog, modelOf } from '../../../src/catalog.ts';
import { targetFor } from '../../../src/cli/options.ts';
import { ownMachineOf } from '../../../src/cli/own.ts';
import { runSteps } from '../../../src/engine/run/run.ts';
import { modelConfigOf } from '../../../src/profiles/setup.ts';
import { isTurnAmong } from '../../../src/setup/share.mjs';
import { typed } from '../../helpers/command.ts';
import { second } from '../../helpers/lab-host.ts';
import { type Keys, type SshMachine, sshAvailable, sshMachine } from '../../helpers/ssh-machine.ts';

const owner = '~/.config/systemd/user';

const isDone = sshAvailable() && isTurnAmong(2, 5);

describe.skipIf(!isDone)('a machine of somebody’s own', () => {
  let machine: SshMachine;
  const type = (...args: string[]) => typed(args, machine.folder);
  /** What of the owner's other services runs, since when, and their files on disk. */
  const theirs = (): Promise<string> =>
    machine.run(
      'podman ps -a --format "{{.Names}} {{.StartedAt}}"; systemctl --user show -P ActiveEnterTimestamp prod-stack.service; podman network ls -q; ls -A ~/.config/systemd/user ~/secrets; systemctl --user list-timers --all --no-legend | wc -l',
      'operator',
    );
  let before: string;
  beforeAll(async () => {
    machine = await sshMachine();
    // The identities of hosts: the machine of every test has the same name.
    vi.stubEnv('XDG_STATE_HOME', machine.folder);
    mkdirSync(join(machine.folder, 'corpus'));
    // A stack that is not under test and must not be touched, and what an earlier test may have left.
    await machine.run(
      `mkdir -p ~/.config/systemd/user/service.d ~/secrets
printf '[Service]\\nEnvironment=THEIRS=1\\n' > ~/.config/systemd/user/service.d/10-theirs.conf
printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/usr/bin/podman run -d --name prod --label com.docker.compose.project=prod localhost:5000/probe:v1\\n' > ~/.config/systemd/user/prod-stack.service
echo KEY=theirs > ~/secrets/prod.env
podman run --name failed --label com.docker.compose.project=prod localhost:5000/probe:broken || true
podman network create --label com.docker.compose.project=prod prod_default
podman volume create prod_data
systemctl --user daemon-reload
systemctl --user start prod-stack.service`,
      'operator',
    );
    before = await theirs();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await machine?.down();
  });

  test('is put back after all that hands and commands do, and what is theirs is neither seen nor touched', async () => {
    const target = targetFor({ host: 'somebody', hosts: join(machine.folder, 'stackfuzz.yaml') });
    const host = await ownMachineOf(target, { note: () => {} });
    try {
      await host.reset();
      const first = await host.observe();
      expect(Object.keys(first.units)).toEqual(['duo-stack.service', 'web-stack.service']);
      expect(Object.keys(first.containers)).toEqual(['duo/api', 'duo/db', 'web/app']);
      expect(first.containers['web/app']).toMatchObject({ name: 'web/app', unit: 'web-stack.service' });
      expect(first).toMatchObject({ strayTimers: [], leftovers: [], generation: { profile: 1, home: 1 } });
      const done = [
        () => host.rebuild(second),
        () => host.place(`${owner}/web-stack.service`, { kind: 'edited', marker: 'edited' }),
        () => host.place(`${owner}/duo-stack.service`, { kind: 'mask' }),
        () => host.place(`${owner}/default.target.wants/duo-stack.service`, { kind: 'foreign', marker: 'foreign' }),
        () => host.place('/etc/systemd/user/web-stack.service', { kind: 'edited', marker: 'shadow' }),
        () => host.place('%t/systemd/user/web-.service.d/50-drift.conf', { kind: 'drop-in', marker: 'drop-in' }),
        () => host.systemctl('edit', 'web-stack.service'),
        () => host.container('remove', 'duo', 'db'),
        () => host.container('rename', 'web', 'app'),
        () => host.addContainer('foreign', 'web'),
        () => host.addContainer('on-network', 'duo'),
        () => host.orphanTimer(),
        () => host.publish('stable', 'v2'),
        () => host.secret('web', 'missing'),
        () => host.secret('duo', 'malformed'),
        () => host.secret('web-moved', 'present'),
      ];
      for (const pull of done) expect(await pull()).toMatchObject({ ok: true });
      const spoilt = await host.observe();
      expect(Object.keys(spoilt.containers)).toContain('-/duo-holder');
      expect(spoilt.files[`${owner}/web-stack.service`]).toEqual({
        kind: 'file',
        definition: { revision: 2, marker: 'edited' },
      });
      expect(spoilt.strayTimers).toHaveLength(1);
      await host.reset();
      expect(lasting(await host.observe())).toEqual(lasting(first));
    } finally {
      await host.close();
    }
    expect(await theirs()).toBe(before);
  });

  test('compose files of one’s own run beside what is theirs, and are gone afterwards', async () => {
    const folder = join(machine.folder, 'box');
    mkdirSync(folder);
    const [port, other] = [18_099, 18_098];
    const text = (published: number): string => `services:
  app:
    image: registry.example/app:1.0
    ports: ["127.0.0.1:${published}:80"]
    volumes: ["films:/films"]
    networks: [back, proxy]
networks:
  back: {ipam: {config: [{subnet: 10.99.7.0/24}]}}
  proxy: {external: true}
volumes:
  films: {name: films}
`;
    const write = (published: number) => writeFileSync(join(folder, 'compose.yaml'), text(published));
    const all = 'podman network ls -q | sort; podman volume ls --format "{{.Name}} {{.CreatedAt}}"';
    await machine.run(
      `podman network create proxy; podman volume create films
systemd-run --user --unit=theirs-port busybox httpd -f -p ${port} -h /tmp`,
      'operator',
    );
    const first = [await theirs(), await machine.run(all, 'operator')];
    write(port);
    const refused = await type('doctor', '--host', 'somebody', '--stacks', folder);
    expect(refused.out).toContain(`found ${port}/tcp, on which something listens`);
    expect(refused.status).toBe(3);
    write(other);
    const given = { host: 'somebody', hosts: join(machine.folder, 'stackfuzz.yaml'), stacks: [folder] };
    const host = await ownMachineOf(targetFor(given), { note: () => {} });
    try {
      await host.reset();
      const { containers, volumes } = await host.observe();
      expect(containers['box/app']).toMatchObject({ name: 'box/app', effect: `answers ${other}` });
      expect(containers['box/app']?.settings.split('\n')).toEqual([
        'mount /films volume films rw',
        'network box_back 10.99.7.0/24',
        'network proxy',
        `port 127.0.0.1:${other}:80/tcp`,
      ]);
      expect(volumes).toEqual({ films: 1 });
      const there = await machine.run(all, 'operator');
      for (const name of ['sfbox_back', 'sfproxy', 'sffilms']) expect(there).toContain(name);
      await host.podman({ deed: 'disconnect', stack: 'box', service: 'app', network: 'proxy' });
      expect((await host.observe()).containers['box/app']?.settings).not.toContain('network proxy');
    } finally {
      await host.close();
    }
    expect([await theirs(), await machine.run(all, 'operator')]).toEqual(first);
    await machine.run('systemctl --user stop theirs-port; podman network rm proxy; podman volume rm films', 'operator');
    expect(await theirs()).toBe(before);
  });

  test('the first rollback leads to what was there before the first declaration, and is judged', async () => {
    const target = targetFor({ host: 'somebody', hosts: join(machine.folder, 'stackfuzz.yaml') });
    const host = await ownMachineOf(target, { note: () => {} });
    try {
      const model = modelOf(await loadCatalog(), modelConfigOf(target), 'own');
      const { verdict, taken } = await runSteps(model, host, [{ operation: 'rollback', args: {} }], {
        evidence: false,
      });
      expect(taken).toMatchObject([{ skipped: false, claim: { ok: true } }]);
      // Home Manager claims success, and leaves the containers of stacks that are no longer declared.
      const left = ['duo/api', 'duo/db', 'web/app'].map(name => `container ${name} is exited, and nothing declares it`);
      expect(verdict).toMatchObject({ kind: 'violated', violation: { details: left } });
    } finally {
      await host.close();
    }
    expect(await theirs()).toBe(before);
  });

  test('an entry of the corpus shows again; one that needs what is left out is no verdict', async () => {
    const entry = (name: string): string => fileURLToPath(new URL(`../../../corpus/${name}.json`, import.meta.url));
    const [shown, beyond] = [
      entry('stopped-means-stopped/disable-stop'),
      entry('manager-absence-is-reported/stop-manager-rebuild'),
    ];
    const said = await type('replay', shown, beyond, '--host', 'somebody');
    expect(said.out).toContain(
      `${beyond}: not applicable: stop-manager is left out: it needs that homelab is not logged in`,
    );
    expect(said.out).toContain(`${shown}: still violated, as expected`);
    expect(said.status).toBe(0);
  });

  test('a search begins with what can be done there, and ends with the machine as it was', async () => {
    machine.configure({ operations: { only: ['pin-image-digest'] } });
    const said = await type(
      'fuzz',
      '--host',
      'somebody',
      '--schedule',
      'walks',
      '--runs',
      '1',
      '--steps',
      '3',
      '--seed',
      '7',
    );
    expect(said, said.out).toMatchObject({ status: 0 });
    expect(said.err).toMatch(/Left out on somebody: .*reboot.* \(operations.only does not name it\)/);
    expect(said.err).toMatch(/^1 operations, /m);
    expect(await theirs()).toBe(before);
  });

  test('a search does not begin on a machine that does not show what it starts from', async () => {
    machine.configure({ declaration: '~/wanted.json', commands: { rebuild: 'true' } });
    // A Nix that was used before.
    const made = (await machine.run('mkdir -vp /nix/var/nix/profiles', 'root')).includes('profiles');
    const said = await type('fuzz', '--host', 'somebody', '--schedule', 'walks', '--runs', '1', '--steps', '1');
    expect(said, said.out + said.err).toMatchObject({ status: 2 });
    expect(said.out + said.err).toMatch(/somebody is no healthy baseline.*\n.*web-stack.service is not active/);
    expect(said.out + said.err).not.toMatch(/VIOLATED/);
    if (made) await machine.run('rmdir /nix/var/nix/profiles', 'root');
    expect(await theirs()).toBe(before);
  });

  test('doctor says what is in the way, and what to type; nothing is done then', async () => {
    const refusal = async (keys: Keys): Promise<string> => {
      machine.configure(keys);
      const said = await type('doctor', '--host', 'somebody');
      expect(said.status).toBe(3);
      return said.out + said.err;
    };
    expect(await refusal({ environment: null })).toMatch(/expected environment: non-prod.* found none/);
    expect(await refusal({ environment: 'prod' })).toMatch(/expected environment: non-prod.* found prod/);
    expect(await refusal({ root: 'none' })).toMatch(/expected root: sudo or ssh-root/);
    const own = { declaration: '~/wanted.json', commands: { rebuild: 'sudo -n no-such-rebuild switch' } };
    expect(await refusal(own)).toMatch(
      /expected the program of commands.rebuild on the machine: no-such-rebuild, found none/,
    );
    expect(await refusal({ owner: 'nixos-etc', profile: 'home-manager' })).toMatch(
      /expected a profile whose owner is that of somebody/,
    );
    expect(await refusal({ operations: { refuse: ['rebot'] } })).toMatch(
      /refuse of somebody to name operations, found rebot; did you mean reboot/,
    );
    expect(await refusal({ probe: { image: 'localhost:5001/probe' } })).toMatch(
      /expected a registry .* found no answer/,
    );
    expect(await refusal({ stacks: { prefix: 'pr' } })).toMatch(
      /found the stack prod, which begins with pr and is not under test/,
    );
    expect(await refusal({ profile: 'hardened' })).toMatch(
      /hardened moves away every unit .* found .*\/prod-stack.service/,
    );
    expect(await theirs()).toBe(before);
    machine.configure({ stacks: { prefix: 'pr' } });
    const refused = await type('fuzz', '--host', 'somebody', '--runs', '1');
    expect(refused).toMatchObject({ status: 3, err: expect.stringMatching(/begins with pr and is not under test/) });
    // Without linger the manager of the operator ends and begins anew, and with it what it runs.
    await machine.run('mv /etc/stackfuzz/non-prod /etc/stackfuzz/away; loginctl disable-linger homelab');
    expect(await refusal({})).toMatch(
      /loginctl enable-linger homelab(.|\n)*a marker on the host that says {2}host: somebody.*\n.*mkdir/,
    );
    await machine.run(
      'loginctl enable-linger homelab; mv /etc/stackfuzz/away /etc/stackfuzz/non-prod; echo "host: other" > /etc/stackfuzz/non-prod',
    );
    expect(await refusal({})).toMatch(/a marker on the host that says {2}host: somebody.*other/);
    machine.configure({
      transport: { ssh: { destination: 'homelab@x', port: 1, options: ['Hostname=127.0.0.1'], config: '/dev/null' } },
    });
    const gone = await type('doctor', '--host', 'somebody');
    expect(gone).toMatchObject({
      status: 2,
      err: expect.stringMatching(/Connection refused\n {2}See whether it answers you/),
    });
    expect(await type('doctor', '--host', 'sombody')).toMatchObject({
      status: 3,
      err: expect.stringContaining('did you mean somebody?'),
    });
  });
});
