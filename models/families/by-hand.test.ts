import { expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import { debian12 } from '../machine/traits.ts';
import type { Operation, Step } from '../operation.ts';
import { firstWorld } from '../transitions/first.ts';
import type { World } from '../world.ts';

const modules = import.meta.glob<{ default: Operation }>('../operations/**/*.ts', { eager: true });
const yes = { ok: true, status: 0, message: '' };
const inUnit = { ...homelab, traits: { ...homelab.traits, containersInUnit: true } };
const web = { stack: 'web', service: 'app' };

const of = (name: string): Operation => {
  const found = Object.entries(modules).find(([path]) => path.endsWith(`/${name}.ts`))?.[1].default;
  if (found === undefined) throw new Error(`no operation ${name}`);
  return found;
};

/** The world after operations that all succeed. */
const upon = (world: World, ...steps: readonly (readonly [name: string, args: Step['args']])[]): World =>
  steps.reduce((now, [name, args]) => of(name).expected(now, args, yes), world);

const stateAfter = (...before: Parameters<typeof upon>[1][]) =>
  upon(firstWorld(inUnit), ...before, ['kill', { stack: 'web' }]).stacks.web?.containers;

test('a signal to a unit ends what has its monitor there, and nothing else', () => {
  expect(stateAfter()?.app?.state).toBe('exited');
  expect(stateAfter(['kill-conmon', web])?.app?.state).toBe('unwatched');
  expect(stateAfter(['kill-container-and-conmon', web])?.app?.state).toBe('dead');
  expect(stateAfter(['relabel-container', web])?.app?.state).toBe('running');
  expect(stateAfter(['add-foreign-container', { stack: 'web' }])?.intruder?.state).toBe('running');
  expect(stateAfter(['set-restart-policy', { ...web, restart: 'always' }])?.app?.state).toBe('undecided');
});

test('what podman may have run again after a signal is no excuse, and a stop ends it', () => {
  const policy = ['set-restart-policy', { ...web, restart: 'always' }] as const;
  const killed = upon(firstWorld(inUnit), policy, ['kill', { stack: 'web' }]);
  expect(of('rebuild').mayFail?.(killed, {})).toEqual([]);
  expect(upon(killed, ['stop', { stack: 'web' }]).stacks.web?.containers.app?.state).toBe('exited');
});

test('a rebuild may find running again what a signal ended, and then leaves its old image', () => {
  const policy = ['set-restart-policy', { ...web, restart: 'always' }] as const;
  const built = ['build-by-hand', { tag: 'stable' }] as const;
  const image = (...steps: Parameters<typeof upon>[1][]) =>
    upon(firstWorld(inUnit), ...steps, ['kill', { stack: 'web' }], ['rebuild', {}]).stacks.web?.containers.app?.image;
  expect(image(policy, built)).toBe('by-hand|v1');
  expect(image(built)).toBe('by-hand');
});

test('podman may refuse to remove what another container requires, whatever became of the unit', () => {
  for (const name of ['remove-container', 'relabel-container']) {
    const mayFail = (world: World, service: string) => of(name).mayFail?.(world, { stack: 'duo', service });
    for (const world of [firstWorld(homelab), upon(firstWorld(homelab), ['disable', { stack: 'duo' }])]) {
      expect(mayFail(world, 'db')).toEqual(['duo/api requires it']);
      expect(mayFail(world, 'api')).toEqual([]);
    }
  }
});

test('a rebuild may succeed without a secret where nothing has to be started for it', () => {
  const rebuild = of('rebuild');
  const lost = upon(firstWorld(homelab), ['disable', { stack: 'web' }], ['remove-secret', { secret: 'web' }]);
  expect(rebuild.mustFail?.(lost, {})).toEqual([]);
  expect(rebuild.mayFail?.(lost, {})).toContain('web needs ~/secrets/web.env, which is missing');
  const stopped = upon(lost, ['stop', { stack: 'web' }]);
  expect(rebuild.mustFail?.(stopped, {})).toEqual(['web needs ~/secrets/web.env, which is missing']);
});

test('to enable a unit whose link leads out of the search path is to link it where verbs write', () => {
  const linked = (owner: '/etc/systemd/user' | '~/.config/systemd/user') =>
    upon(firstWorld({ ...homelab, owner }), ['enable', { stack: 'web' }]).stacks.web?.loaded.fragmentPath;
  expect(linked('/etc/systemd/user')).toBe('~/.config/systemd/user/web-stack.service');
  expect(linked('~/.config/systemd/user')).toBe('~/.config/systemd/user/web-stack.service');
  const shadow = ['shadow-unit', { stack: 'web', directory: '~/.config/systemd/user.control' }] as const;
  const shadowed = upon(firstWorld(homelab), shadow, ['enable', { stack: 'web' }]);
  expect(shadowed.stacks.web?.loaded.fragmentPath).toBe('~/.config/systemd/user.control/web-stack.service');
});

test('a verb may fail on a unit that is nowhere, or that is in nobody’s memory', () => {
  const mayFail = (name: string, world: World) => of(name).mayFail?.(world, { stack: 'web' });
  const stopped = upon(firstWorld(homelab), ['stop', { stack: 'web' }]);
  expect(mayFail('try-restart', stopped)).toEqual([]);
  expect(mayFail('reset-failed', stopped)).toEqual([]);
  const disabled = upon(stopped, ['disable', { stack: 'web' }]);
  expect(mayFail('try-restart', disabled)).toEqual(['web-stack.service is not-found']);
  const edited = upon(disabled, ['edit-unit', { stack: 'web', directory: '~/.config/systemd/user' }]);
  expect(mayFail('try-restart', edited)).toEqual([]);
  expect(mayFail('reset-failed', edited)).toEqual(['the unit is not loaded']);
});

test('a unit that stands in the transient directory cannot be enabled', () => {
  const shadow = ['shadow-unit', { stack: 'web', directory: '%t/systemd/transient' }] as const;
  const mayFail = of('enable').mayFail?.(upon(firstWorld(homelab), shadow), { stack: 'web' });
  expect(mayFail).toEqual(['web-stack.service is transient']);
});

test('podman may fail to remove what it has lost hold of, and nobody knows what it did to it', () => {
  const lost = upon(firstWorld(homelab), ['kill-conmon', web]);
  expect(of('remove-container').mayFail?.(lost, web)).toEqual(['podman lost hold of web/app']);
  const failed = of('remove-container').expected(lost, web, { ok: false, status: 125, message: '' });
  expect(failed.stacks.web?.containers.app?.state).toBe('unknown');
  expect(of('rebuild').mayFail?.(failed, {})).toContain('podman lost hold of web/app');
});

test('what set-property writes stands where its name puts it, or last until a reload on systemd 252', () => {
  const prefix = { stack: 'web', directory: '~/.config/systemd/user', level: 'prefix' };
  const reload = ['daemon-reload', {}] as const;
  const orderOn = (setup: typeof homelab, ...more: Parameters<typeof upon>[1][]) =>
    upon(
      firstWorld(setup),
      ['add-drop-in', prefix],
      reload,
      ['set-property', { stack: 'web' }],
      ...more,
    ).stacks.web?.loaded.dropInPaths.map(path => path.replace(/.*\//, ''));
  const older = { ...homelab, traits: { ...homelab.traits, ...debian12 } };
  expect(orderOn(homelab)).toEqual(['50-CPUWeight.conf', '50-drift.conf']);
  expect(orderOn(older)).toEqual(['50-drift.conf', '50-CPUWeight.conf']);
  expect(orderOn(older, reload)).toEqual(['50-CPUWeight.conf', '50-drift.conf']);
});

test('a rebuild that is not left in peace never takes the last stack out', () => {
  const last = upon(
    firstWorld(homelab),
    ['add-stack', { stack: 'extra' }],
    ['remove-stack', { stack: 'web' }],
    ['remove-stack', { stack: 'duo' }],
  );
  for (const name of ['rebuild-twice', 'rebuild-interrupted', 'rebuild-beside-update']) {
    const { choices, allowed, expected } = of(name);
    expect(choices(last)).not.toContainEqual({ change: 'stack' });
    expect(allowed(last, { change: 'stack' })).toBe(false);
    for (const args of choices(last)) expect(Object.keys(expected(last, args, yes).declared.stacks)).toEqual(['extra']);
  }
});

test('where nothing is known, hands leave alone what takes a container or a generation that is there for certain', () => {
  const known = upon(firstWorld(homelab), ['set-restart-policy', { ...web, restart: 'always' }]);
  const unknown: World = { ...known, uncertain: 'a rebuild was killed half way' };
  const offered = (name: string) => [known, unknown].map(world => of(name).choices(world).length > 0);
  for (const name of ['kill-container', 'kill-conmon', 'rename-container', 'relabel-container', 'make-unhealthy']) {
    expect(offered(name), name).toEqual([true, false]);
  }
  expect(offered('attach-to-network')).toEqual([true, false]);
  for (const name of ['stop-container', 'remove-container']) expect(offered(name), name).toEqual([true, true]);
  const stale = { stack: 'web', by: 'stale' };
  for (const name of ['replace-unit', 'replace-wants-link']) {
    expect([known, unknown].map(world => of(name).allowed(world, stale))).toEqual([true, false]);
  }
});

test('a unit is copied by hand where whichever generation may be installed declares it', () => {
  const added = upon(firstWorld(homelab), ['add-stack', { stack: 'extra' }]);
  const gone = { ...added.declared, stacks: homelab.declaration.stacks, revision: 3 };
  const unknown: World = {
    ...added,
    generations: [...added.generations, gone],
    pointer: 2,
    uncertain: 'it was killed',
  };
  const edit = (stack: string) => of('replace-unit').allowed(unknown, { stack, by: 'identical' });
  expect([edit('web'), edit('extra')]).toEqual([true, false]);
  expect(of('replace-unit').allowed({ ...unknown, uncertain: null }, { stack: 'extra', by: 'identical' })).toBe(true);
});

test('what a hand makes is of the build that its tag means on the machine', () => {
  const oldest = ['build-by-hand', { tag: 'v1' }] as const;
  const foreign = upon(firstWorld(homelab), oldest, ['add-foreign-container', { stack: 'web' }]);
  expect(foreign.stacks.web?.containers.intruder?.image).toBe('by-hand');
  const built = upon(firstWorld(homelab), ['build-by-hand', { tag: 'stable' }]);
  expect(built.stacks.web?.containers.app?.image).toBe('v1');
  expect(upon(built, ['relabel-container', web]).stacks.web?.containers.app?.image).toBe('by-hand');
  expect(upon(built, ['restart', { stack: 'web' }]).stacks.web?.containers.app?.image).toBe('by-hand');
});

test('a network goes with the containers on it, only where none of them runs', () => {
  const network = { stack: 'web', network: 'web_default' };
  const { allowed } = of('remove-network');
  const stopped = upon(firstWorld(homelab), ['stop', { stack: 'web' }]);
  expect([firstWorld(homelab), stopped].map(world => allowed(world, network))).toEqual([false, true]);
  expect(upon(stopped, ['remove-network', network]).stacks.web?.containers).toEqual({});
});
