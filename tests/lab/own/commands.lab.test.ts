import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lasting } from '../../../models/observation.ts';
import { targetFor } from '../../../src/cli/options.ts';
import { ownMachineOf } from '../../../src/cli/own.ts';
import { typed } from '../../helpers/command.ts';
import { second } from '../../helpers/lab-host.ts';
import { type SshMachine, sshAvailable, sshMachine } from '../../helpers/ssh-machine.ts';

const owner = '~/.config/systemd/user';

describe.skipIf(!sshAvailable())('a machine of somebody’s own', () => {
  let machine: SshMachine;
  const type = (...args: string[]) => typed(args, machine.folder);
  /** What of theirs runs, since when, and what is theirs on disk. */
  const theirs = (): Promise<string> =>
    machine.run(
      'podman ps -a --format "{{.Names}} {{.StartedAt}}"; systemctl --user show -P ActiveEnterTimestamp prod-stack.service; podman network ls -q; ls -A ~/.config/systemd/user ~/secrets; systemctl --user list-timers --all --no-legend | wc -l',
      'operator',
    );
  let before: string;
  beforeAll(async () => {
    machine = await sshMachine();
    mkdirSync(join(machine.folder, 'corpus'));
    // A stack of theirs, which nobody may touch, beside what ran out of luck before.
    await machine.run(
      `mkdir -p ~/.config/systemd/user ~/secrets
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
  afterAll(() => machine?.down());

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

  test('a scenario passes as on a lab machine, its stacks under another name; nothing of them stays', async () => {
    const said = await type('scenario', 'S03', '--case', 'one', '--host', 'somebody');
    expect(said).toMatchObject({ status: 0, out: 'S03, stack of one: passed\n1 passed, 0 failed, 0 blocked.\n' });
    expect(said.err).toContain('Preparing somebody: sfweb, sfduo.');
    expect(await theirs()).toBe(before);
  });
});
