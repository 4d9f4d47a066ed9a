import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Declaration, edited } from '../../models/declaration.ts';
import { firstWorld } from '../../models/first.ts';
import { type Host, Sick } from '../../models/host.ts';
import type { Observation } from '../../models/observation.ts';
import { picture } from '../../models/picture.ts';
import { loadProfile } from '../profiles/profile.ts';
import { render } from '../profiles/render.ts';
import { labAvailable } from './lab/index.ts';
import { labMachines } from './lab-machines.ts';
import { secretValue } from './levers/secret.ts';
import { labOperator } from './paths.ts';
import { realHost } from './real.ts';
import type { Machines } from './setting.ts';

const profile = loadProfile('home-manager');
const provider = 'docker-compose';
const setting = {
  profile,
  provider,
  operator: labOperator,
  render: (declaration: Declaration) => render(profile, declaration, provider),
};
const first = profile.declaration;
const second = edited(first, 'web', services => ({
  ...services,
  app: { ...(services.app as NonNullable<typeof services.app>), greeting: 'hi' },
}));
const owner = '~/.config/systemd/user';
const web = `${owner}/web-stack.service`;
const duo = `${owner}/duo-stack.service`;
const edit = { revision: 1, marker: 'edited' };

/** Machines that count how often they are called. */
function counted(machines: Machines, calls: { count: number }): Machines {
  return {
    ...machines,
    async take() {
      const { channel, close } = await machines.take();
      const run: typeof channel.run = (script, options) => {
        calls.count++;
        return channel.run(script, options);
      };
      return { channel: { ...channel, run }, close };
    },
  };
}

describe.skipIf(!labAvailable().ok)('a real host', () => {
  const calls = { count: 0 };
  let host: Host;
  beforeAll(async () => {
    host = realHost({ ...setting, machines: counted(await labMachines(setting), calls) });
  });
  afterAll(() => host?.close());

  /** What the machine shows once it has come to rest, by one call. */
  async function seen(): Promise<Observation> {
    const before = calls.count;
    expect(await host.settle()).toEqual({ rested: true, waiting: [] });
    const shown = await host.observe();
    expect(calls.count - before).toBe(1);
    return shown;
  }

  /** A lever pulled with success, by one call. */
  async function done(pull: () => Promise<unknown>, expected: object = { ok: true, status: 0 }): Promise<void> {
    const before = calls.count;
    expect(await pull()).toMatchObject(expected);
    expect(calls.count - before).toBe(1);
  }

  test('after a reset it shows a faultless machine, and the same again when nothing happens', async () => {
    await host.reset();
    const shown = await seen();
    const world = firstWorld({ owner: profile.owner, declaration: first, versions: profile.versions });
    const { containers, ...rest } = picture(world);
    expect(shown).toMatchObject(rest);
    for (const [name, { health: _, ...container }] of Object.entries(containers)) {
      expect(shown.containers[name]).toMatchObject(container);
    }
    expect(Object.keys(shown.containers)).toEqual(Object.keys(containers).sort());
    expect(shown.containers['web/app']?.health).toBe('healthy');
    expect(await seen()).toEqual(shown);
    expect(await host.observe()).toEqual(shown);
  });

  test('rebuild and roll back', async () => {
    await host.reset();
    await done(() => host.rebuild(first));
    const same = await seen();
    expect(Object.values(same.units).map(unit => unit.restarted)).toEqual([false, false]);
    await done(() => host.rebuild(second));
    const forward = await seen();
    expect(forward.generation).toEqual({ profile: 2, home: 2 });
    expect(forward.files[web]).toEqual({
      kind: 'generation',
      revision: 2,
      definition: { revision: 2, marker: 'declared' },
    });
    expect(forward.units['web-stack.service']).toMatchObject({ revision: 2, restarted: true });
    expect(forward.units['duo-stack.service']).toMatchObject({ revision: 1, restarted: false });
    expect(forward.containers['web/app']).toMatchObject({ greeting: 'hi', instance: 2 });
    await done(() => host.place(web, { kind: 'stale' }));
    expect((await seen()).files[web]).toEqual(same.files[web]);
    await done(() => host.rollback());
    const back = await seen();
    expect(back.generation).toEqual({ profile: 1, home: 1 });
    expect(back.containers['web/app']).toMatchObject({ greeting: 'hello', instance: 3 });
  });

  test('place: every kind of thing, in every directory, as its owner', async () => {
    await host.reset();
    const calm = await seen();
    await done(() => host.place(web, { kind: 'edited', marker: 'edited' }));
    await done(() => host.place(duo, { kind: 'foreign', marker: 'foreign' }));
    await done(() => host.place(`${owner}/default.target.wants/duo-stack.service`, { kind: 'identical' }));
    await done(() => host.place('~/.config/systemd/user.control/web-stack.service', { kind: 'mask' }));
    await done(() => host.place('%t/systemd/user.control/web-stack.service', { kind: 'empty' }));
    await done(() => host.place('%t/systemd/transient/web-stack.service', { kind: 'dangling' }));
    await done(() => host.place('%t/systemd/user/web-stack.service', { kind: 'directory' }));
    await done(() =>
      host.place('/etc/systemd/user/duo-stack.service.d/50-drift.conf', { kind: 'drop-in', marker: 'drop-in' }),
    );
    const drifted = await seen();
    expect(drifted.files).toEqual({
      ...calm.files,
      [web]: { kind: 'file', definition: edit },
      [duo]: { kind: 'link', target: '~/drift/duo-stack.service', definition: { ...edit, marker: 'foreign' } },
      [`${owner}/default.target.wants/duo-stack.service`]: {
        kind: 'file',
        definition: { ...edit, marker: 'declared' },
      },
      '~/.config/systemd/user.control/web-stack.service': { kind: 'link', target: '/dev/null', definition: null },
      '%t/systemd/user.control/web-stack.service': { kind: 'file', definition: null },
      '%t/systemd/transient/web-stack.service': {
        kind: 'link',
        target: '~/drift/missing/web-stack.service',
        definition: null,
      },
      '%t/systemd/user/web-stack.service': { kind: 'directory' },
      '/etc/systemd/user/duo-stack.service.d/50-drift.conf': {
        kind: 'file',
        definition: { revision: null, marker: 'drop-in' },
      },
    });
    expect(drifted.units['duo-stack.service']).toMatchObject({
      fragmentPath: duo,
      dropInPaths: [],
      marker: 'declared',
    });
    await done(() => host.systemctl('daemon-reload'));
    const { units } = await seen();
    expect(units['web-stack.service']).toMatchObject({ loadState: 'masked', activeState: 'active' });
    expect(units['duo-stack.service']).toMatchObject({
      fragmentPath: duo,
      dropInPaths: ['/etc/systemd/user/duo-stack.service.d/50-drift.conf'],
      marker: 'drop-in',
    });
    await done(() => host.place(web, { kind: 'nothing' }));
    expect((await seen()).files[web]).toBeUndefined();
    await expect(host.place(web, { kind: 'stale' })).rejects.toThrow('there is no older generation');
  });

  test('verbs, containers and secrets', async () => {
    await host.reset();
    await done(() => host.systemctl('stop', 'web-stack.service'));
    const stopped = await seen();
    expect(stopped.units['web-stack.service']).toMatchObject({ activeState: 'inactive' });
    expect(stopped.containers['web/app']).toMatchObject({ state: 'exited' });
    await done(() => host.systemctl('start', 'web-stack.service'));
    expect((await seen()).containers['web/app']).toMatchObject({ state: 'running', restarted: true, instance: 1 });
    await done(() => host.container('stop', 'duo', 'api'));
    await done(() => host.container('remove', 'duo', 'db'));
    await done(() => host.container('remove', 'duo', 'db'), { ok: false, message: 'no container of duo/db' });
    expect((await seen()).containers).toMatchObject({ 'duo/api': { state: 'exited' } });
    expect((await host.observe()).containers['duo/db']).toBeUndefined();
    await done(() => host.secret('web', false));
    await done(() => host.systemctl('restart', 'web-stack.service'), { ok: false, status: 1 });
    expect((await seen()).units['web-stack.service']).toMatchObject({ activeState: 'failed', result: 'exit-code' });
    await done(() => host.secret('web', true));
    await done(() => host.systemctl('restart', 'web-stack.service'));
    expect((await seen()).units['web-stack.service']).toMatchObject({ activeState: 'active' });
  });

  test('publish changes the registry and nothing else; the update says what came of it', async () => {
    await host.reset();
    const calm = await seen();
    await done(() => host.publish('stable', 'v2'));
    expect(await seen()).toEqual(calm);
    await done(() => host.container('remove', 'web', 'app'));
    await done(() => host.systemctl('restart', 'web-stack.service'));
    // The image that the tag names is there already, so nothing is pulled (facts-debian13 F79).
    expect((await seen()).containers['web/app']).toMatchObject({ image: 'v1', tag: 'stable', instance: 2 });
    // The API of podman leaves no image name behind that an update could follow (facts.md F44).
    await done(() => host.autoUpdate(), { ok: false, status: 125, updates: [] });
    await expect(host.publish('stable', 'v99')).rejects.toThrow(Sick);
  });

  test('while the manager is down the rest is still seen, and once it is back all of it', async () => {
    await host.reset();
    const calm = await seen();
    await done(() => host.manager('stop'));
    const down = await seen();
    expect(down).toMatchObject({ manager: 'down', units: {}, strayTimers: [] });
    expect(down.files).toEqual(calm.files);
    expect(Object.values(down.containers).map(one => one.state)).toEqual(['exited', 'exited', 'exited']);
    expect(await seen()).toEqual(down);
    await done(() => host.systemctl('restart', 'web-stack.service'), { ok: false });
    await done(() => host.manager('start'));
    const up = await seen();
    expect(up.manager).toBe('running');
    expect(Object.values(up.units).map(unit => [unit.activeState, unit.restarted])).toEqual(
      Array(2).fill(['active', true]),
    );
    expect(Object.values(up.containers).map(one => [one.state, one.instance])).toEqual(Array(3).fill(['running', 1]));
  });

  test('evidence holds commands, units, containers and journal since the reset, and no secret', async () => {
    await host.reset();
    await host.secret('duo', false);
    await host.systemctl('restart', 'duo-stack.service');
    const evidence = await host.evidence();
    expect(evidence).toContain('### systemctl --user restart duo-stack.service (operator): exit 1');
    expect(evidence).toContain('required secret /home/homelab/secrets/duo.env is missing');
    for (const part of ['user manager', 'units', 'files', 'containers', 'images', 'jobs', 'journal since the reset']) {
      expect(evidence).toMatch(new RegExp(`^## ${part}\\n\\S`, 'm'));
    }
    for (const name of ['web', 'duo']) expect(evidence).not.toContain(secretValue(name));
    await host.reset();
    expect(await host.evidence()).not.toContain('### ');
  });

  test('the fingerprint names what is under test', async () => {
    const names = ['systemd', 'podman', 'docker-compose', 'podman-compose', 'nix', 'crun', 'kernel', 'os'];
    const versions = await host.fingerprint();
    expect(Object.keys(versions)).toEqual(names);
    for (const name of names) expect(versions[name]).toMatch(/\d/);
  });
});
