import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Levers } from '../../../models/host.ts';
import type { FreshMachine, MachineSource } from '../../../src/hosts/deployment.ts';
import { labAvailable } from '../../../src/hosts/lab/index.ts';
import { labMachines } from '../../../src/hosts/lab/lab-machines.ts';
import { begin, Closed, type Guard, restore } from '../../../src/hosts/own/guard/guard.ts';
import { type Refusal, Refused } from '../../../src/hosts/own/guard/refusal.ts';
import type { GuardedHost } from '../../../src/hosts/own/guard/settings.ts';
import { leversOver } from '../../../src/hosts/real/levers/levers.ts';
import type { Channel } from '../../../src/hosts/transport/channel.ts';
import { casesInShare } from '../../../src/setup/share.mjs';
import { filesOf, guardedHost, snapshotOf } from '../../helpers/guarded.ts';
import { labDeployment, profile, second } from '../../helpers/lab-host.ts';

const home = '/home/homelab';
const own = `${home}/.config/stackfuzz`;
const state = `${home}/.local/state`;
const marker = '/etc/stackfuzz/non-prod';

/** The same machine, where sudo asks for a password. */
const refusing = (channel: Channel): Channel => ({
  ...channel,
  run: (script, given = {}) =>
    channel.run(given.as === 'root' ? 'echo "sudo: a password is required" >&2; exit 1' : script, given),
});

/** Folders into which a run would write, one of them the operator's and one root's; and a file of the guard's own. */
const links = casesInShare([
  [`${home}/.config/systemd/user/default.target.wants`, 'homelab'],
  [`${home}/.config/systemd/user/web-stack.service.d`, 'homelab'],
  [`${home}/.local/share/stackfuzz/withheld`, 'homelab'],
  ['/usr/lib/systemd/user/web-stack.service.d', 'root'],
  [`${state}/stackfuzz/lock`, 'homelab'],
] as const);

describe.skipIf(!labAvailable().ok)('a host that is guarded', () => {
  const deployment = labDeployment(profile, 'docker-compose');
  const identities = mkdtempSync(join(tmpdir(), 'stackfuzz-identities-'));
  const options = { identities };
  let machines: MachineSource;
  let machine: FreshMachine;
  let before: string;
  const root = async (script: string): Promise<string> => {
    const ran = await machine.channel.run(script, { as: 'root' });
    expect(ran, script).toMatchObject({ status: 0 });
    return ran.stdout;
  };

  beforeAll(async () => {
    machines = await labMachines(deployment, { expected: 1 });
    machine = await machines.take();
    await root('mkdir -p /etc/stackfuzz; echo "host: somebody" > /etc/stackfuzz/non-prod');
    before = await snapshotOf(machine.channel);
  });
  afterAll(async () => {
    await machine?.close();
    await machines?.close();
    rmSync(identities, { recursive: true, force: true });
  });

  const levers = (guard: Guard): Levers =>
    leversOver(
      deployment,
      async ({ script, as, timeoutMs, title }) => {
        const ran = await guard.channel.run(script, { as, timeoutMs, title });
        return { claim: { ok: ran.status === 0, status: ran.status, message: ran.stderr }, stdout: ran.stdout };
      },
      async () => ({ ok: true, status: 0, message: '' }),
    );
  const lies = { machine: 'another', keys: 'others' };

  test.each<
    [
      string,
      { make?: string; undo?: string; host?: Partial<GuardedHost>; remembered?: object; kind: string; says: RegExp },
    ]
  >([
    [
      'there is no marker',
      {
        make: `mv ${marker} /root/m`,
        undo: `mv /root/m ${marker}`,
        kind: 'marker',
        says: /there is no marker.*\n.*echo 'host: somebody'/,
      },
    ],
    [
      'the marker names another host',
      {
        make: `echo 'host: doc2' > ${marker}`,
        undo: `echo 'host: somebody' > ${marker}`,
        kind: 'marker',
        says: /names doc2, and this is to be somebody/,
      },
    ],
    [
      'of two markers one names another host',
      {
        make: `mkdir -p ${own}; echo 'host: igpu' > ${own}/non-prod; chown -R homelab: ${own}`,
        undo: `rm ${own}/non-prod`,
        kind: 'marker',
        says: /names igpu/,
      },
    ],
    [
      'the marker is a link',
      {
        make: `mv ${marker} /root/m; ln -s /root/m ${marker}`,
        undo: `mv -T /root/m ${marker}`,
        kind: 'marker',
        says: /reached by a link/,
      },
    ],
    [
      'others can write the marker',
      {
        make: `chmod 666 ${marker}`,
        undo: `chmod 644 ${marker}`,
        kind: 'marker',
        says: /can be written by others \(chmod go-w/,
      },
    ],
    [
      'somebody else owns the marker',
      { make: `chown nobody ${marker}`, undo: `chown root ${marker}`, kind: 'marker', says: /belongs to user 65534/ },
    ],
    [
      'the marker says production',
      {
        make: `echo 'environment: production' >> ${marker}`,
        undo: `echo 'host: somebody' > ${marker}`,
        kind: 'marker',
        says: /says environment: production/,
      },
    ],
    [
      'there is a production marker',
      {
        make: 'touch /etc/stackfuzz/production',
        undo: 'rm /etc/stackfuzz/production',
        kind: 'production',
        says: /\/etc\/stackfuzz\/production says/,
      },
    ],
    [
      'the machine is deployed for production',
      {
        make: 'echo DEPLOYMENT=production > /etc/machine-info',
        undo: 'rm /etc/machine-info',
        kind: 'production',
        says: /DEPLOYMENT=production/,
      },
    ],
    [
      'its own name is that of a production host',
      { host: { production: ['la?'] }, kind: 'production', says: /its name is lab/ },
    ],
    ['another stack runs there', { host: { expendable: [] }, kind: 'outsider', says: /duo-stack\.service/ }],
    [
      'the folder of the guard is a link',
      {
        make: `mkdir -p ${state}; ln -s /tmp ${state}/stackfuzz; chown -hR homelab: ${state}`,
        undo: `rm ${state}/stackfuzz`,
        kind: 'folder',
        says: /stackfuzz is a link/,
      },
    ],
    ...['.config/systemd/user', 'secrets'].map(
      (place): [string, { make: string; undo: string; kind: string; says: RegExp }] => [
        `${place} is a link`,
        {
          make: `mkdir -p ${home}/elsewhere ${home}/${place}; mv -T ${home}/${place} ${home}/kept; ln -s ../elsewhere ${home}/${place}; chown -hR homelab: ${home}/elsewhere`,
          undo: `rm ${home}/${place}; mv -T ${home}/kept ${home}/${place}; rmdir ${home}/elsewhere`,
          kind: 'place',
          says: new RegExp(`${place} is a link to`),
        },
      ],
    ),
    ...links.map(([place, as]): [string, { make: string; undo: string; kind: string; says: RegExp }] => [
      `${place} is a link to somebody’s folder`,
      {
        make: `made=; each=${place}; each=\${each%/*}
while [ ! -d "$each" ]; do made="$each $made"; each=\${each%/*}; done
for each in $made; do install -d -o ${as} -g ${as} "$each"; done
echo $made > /root/made; mkdir /srv/elsewhere
[ ! -e ${place} ] || mv -T ${place} /root/kept
ln -s /srv/elsewhere ${place}; chown -h ${as}: ${place}`,
        undo: `rm ${place}; [ ! -e /root/kept ] || mv -T /root/kept ${place}
rmdir /srv/elsewhere; tr ' ' '\\n' < /root/made | tac | xargs -r rmdir; rm /root/made`,
        kind: place.endsWith('lock') ? 'folder' : 'place',
        says: new RegExp(`${place} is a link`),
      },
    ]),
    [
      'it is another host than the last time',
      {
        remembered: lies,
        kind: 'identity',
        says: /another machine-id and other ssh host keys.*\n.*rm .*somebody\.json/,
      },
    ],
    [
      'the hosts file promises root where sudo refuses',
      { host: { name: 'somebody' }, kind: 'root', says: /a password is required/ },
    ],
  ])('nothing is begun where %s', async (_, { make, undo, host, remembered, kind, says }) => {
    if (make !== undefined) await root(make);
    if (remembered !== undefined) writeFileSync(join(identities, 'somebody.json'), JSON.stringify(remembered));
    const seen = await filesOf(machine.channel);
    const channel = kind === 'root' ? refusing(machine.channel) : machine.channel;
    const refused = await begin(channel, guardedHost(host), options).then(
      () => null,
      error => error,
    );
    expect(await filesOf(machine.channel)).toBe(seen);
    if (undo !== undefined) await root(undo);
    rmSync(join(identities, 'somebody.json'), { force: true });
    expect(refused).toBeInstanceOf(Refused);
    expect(new Set(refused.refusals.map((each: Refusal) => each.kind))).toEqual(new Set([kind]));
    expect(refused.message).toMatch(says);
  });

  test('one run at a time: another is told who has it, and a stale lock is explained', async () => {
    const guard = await begin(machine.channel, guardedHost({ unattended: 300 }), options);
    const second = begin(machine.channel, guardedHost(), options);
    await expect(second).rejects.toThrow(
      /the lock of run .* \(from .*process \d+, since 20.*waits another (300|29\d) s.*\n.*--break-lock/,
    );
    await expect(restore(machine.channel, guardedHost(), options)).rejects.toThrow(/--break-lock/);
    await root(
      `echo 0 0 0 | tee /var/lib/stackfuzz/guard/runs/${guard.run}/lease ${home}/.local/state/stackfuzz/runs/${guard.run}/lease`,
    );
    await expect(begin(machine.channel, guardedHost(), options)).rejects.toThrow(
      /booted since.*not put back yet\n {2}stackfuzz restore --host somebody$/,
    );
    expect(await restore(machine.channel, guardedHost(), options)).toEqual({
      run: guard.run,
      did: [],
      stays: [],
      left: [],
    });
    await expect(guard.channel.run('touch ~/late')).rejects.toThrow(Closed);
    expect(await snapshotOf(machine.channel)).toBe(before);
  });

  test('nothing more is done once the marker is gone, and what was done is put back', async () => {
    const guard = await begin(machine.channel, guardedHost(), options);
    await guard.channel.run('mkdir ~/drift; echo 1 > ~/drift/one');
    await root(`mv ${marker} /root/m`);
    await expect(guard.channel.run('echo 2 > ~/drift/two', { title: 'two' })).rejects.toThrow(
      /there is no marker.*not done: two/,
    );
    await root(`mv /root/m ${marker}`);
    await expect(guard.channel.run('echo 3 > ~/drift/three')).rejects.toThrow(Closed);
    const restored = await guard.restore();
    expect(restored.did).toEqual([`removed ${home}/drift/one`, `removed ${home}/drift`]);
    expect(restored.left).toEqual([]);
  });

  const meanwhile: readonly {
    what: string;
    make: string;
    undo: string;
    /** Who does that, and who would do more; root where nobody else is named. */
    as?: 'operator';
    tries?: 'operator';
    says: RegExp;
  }[] = [
    {
      what: 'somebody else starts a stack',
      make: 'podman run -d --name theirs localhost:5000/probe:v1',
      undo: 'podman rm -f -t 1 theirs',
      as: 'operator',
      says: /the container theirs runs here now/,
    },
    {
      what: 'the marker names another host',
      make: `echo 'host: doc2' > ${marker}`,
      undo: `echo 'host: somebody' > ${marker}`,
      says: /names doc2/,
    },
    {
      what: 'it is said to be a production host',
      make: 'touch /etc/stackfuzz/production',
      undo: 'rm /etc/stackfuzz/production',
      says: /production says/,
    },
    {
      what: 'it is called like a production host',
      make: 'hostname prod-1',
      undo: 'hostname lab',
      says: /its name is prod-1/,
    },
    ...['journal', 'lease', 'state'].map(file => ({
      what: `the run’s ${file} is a link`,
      make: `cd "$(ls -td ~/.local/state/stackfuzz/runs/* | head -n 1)" && cp ${file} ~/theirs && mv ${file} ~/kept && ln -s ~/theirs ${file}`,
      undo: `cmp ~/theirs ~/kept && rm ~/theirs && cd "$(ls -td ~/.local/state/stackfuzz/runs/* | head -n 1)" && mv ~/kept ${file}`,
      as: 'operator' as const,
      tries: 'operator' as const,
      says: new RegExp(`${file} is a link`),
    })),
    {
      what: 'a folder of wants leads elsewhere',
      make: `cd ~/.config/systemd/user && mkdir ~/theirs && mv default.target.wants ~/kept && ln -s ~/theirs default.target.wants`,
      undo: '[ -z "$(ls -A ~/theirs)" ] && rmdir ~/theirs && cd ~/.config/systemd/user && rm default.target.wants && mv ~/kept default.target.wants',
      as: 'operator',
      tries: 'operator',
      says: /default.target.wants is a link to/,
    },
  ];
  test.each(casesInShare(meanwhile))('nothing more is done once $what', async ({ make, undo, says, ...given }) => {
    const as = given.as ?? ('root' as const);
    const tries = given.tries ?? ('root' as const);
    const guard = await begin(machine.channel, guardedHost(), options);
    await guard.channel.run('true', { as: 'root' });
    expect(await machine.channel.run(make, { as })).toMatchObject({ status: 0 });
    const late = guard.channel.run('touch /var/tmp/late', { as: tries, title: 'late' });
    await expect(late).rejects.toThrow(says);
    expect(await machine.channel.run(undo, { as })).toMatchObject({ status: 0 });
    await expect(guard.channel.run('touch ~/late')).rejects.toThrow(Closed);
    expect((await guard.restore()).left).toEqual([]);
    expect(await root('ls /var/tmp/late 2> /dev/null || true')).toBe('');
  });

  test('is as it was after levers of every kind, and each is in the journal before it is done', async () => {
    const guard = await begin(machine.channel, guardedHost(), options);
    const pull = levers(guard);
    await pull.rebuild(second);
    await pull.place('~/.config/systemd/user/web-stack.service', { kind: 'edited', marker: 'x' });
    await pull.place('%t/systemd/user/web-stack.service.d/50-drift.conf', { kind: 'drop-in', marker: 'x' });
    await pull.systemctl('daemon-reload');
    await pull.systemctl('set-property', 'web-stack.service');
    await pull.container('rename', 'web', 'app');
    await pull.addContainer('foreign', 'web');
    await pull.orphanTimer();
    await pull.secret('web', 'missing');
    await pull.publish('stable', 'v2');
    await pull.publish('v3', null);
    expect(await pull.systemctl('restart', 'web-stack.service')).toMatchObject({ ok: false });
    await pull.machine('etc-read-only');
    await pull.registry('stop');
    await pull.machine('linger-off');
    const restored = await guard.restore();
    expect(restored.left).toEqual([]);
    expect(restored.did).toContain('started web-stack.service anew');
    expect(await snapshotOf(machine.channel)).toBe(before);
    expect(await restore(machine.channel, guardedHost(), options)).toEqual({ run: null, did: [], stays: [], left: [] });
    const journal = await root(
      `cat /var/lib/stackfuzz/guard/runs/${guard.run}/journal ${home}/.local/state/stackfuzz/runs/${guard.run}/journal`,
    );
    const lines = journal
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(
      lines
        .filter(({ what }) => what === 'change')
        .map(({ n }) => n)
        .sort((one, other) => one - other),
    ).toEqual(Array.from({ length: 15 }, (_, at) => at + 1));
    // Nobody else may read it, and what was recorded is removed with the run.
    const folders = `${home}/.local/state/stackfuzz /var/lib/stackfuzz/guard`;
    expect(await root(`stat -c %a ${folders}; find ${folders} -name recorded`)).toBe('700\n700\n');
  });
});
