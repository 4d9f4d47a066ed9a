import { expect, test } from 'vitest';
import type { Beside } from '../../../../models/observation.ts';
import { lookAt } from '../../../../tests/helpers/recorded.ts';
import { narrowed } from '../../own/narrowed.ts';
import { labOperator } from '../../paths.ts';
import type { Look } from './look.ts';
import type { ListedUnit } from './manager.ts';
import { observed } from './observe.ts';
import { type AroundLook, aroundSeen } from './surroundings.ts';

const group = '/user.slice/user-1500.slice/user@1500.service';

/** Sections as the look script prints them on a lab machine. */
const sections = {
  linger: 'yes',
  environment: '{"type":"as","data":["HOME=/home/homelab","LANG=C.UTF-8"]}\n',
  runtime: '/run/user/1500/bus\n/run/user/1500/systemd',
  others:
    'l\t/home/homelab/.config/systemd/user/web-keeper.service\t/nix/store/hash-home-manager-files/.config/systemd/user/web-keeper.service\t1.0\n' +
    'l\t/home/homelab/.config/systemd/user/timers.target.wants/podman-auto-update.timer\t/usr/lib/systemd/user/podman-auto-update.timer\t1.0\n',
  processes: [
    ...([51, 'systemd', 1, `${group}/init.scope`] as const),
    ...([480, 'conmon', 51, `${group}/user.slice/libpod-conmon-1.scope`] as const),
    ...([482, 'sh', 480, `${group}/app.slice/web-stack.service`] as const),
    ...([780, 'bash', 1, '/system.slice/run-p779-i1.service'] as const),
    ...([783, 'grep', 780, '/system.slice/run-p779-i1.service'] as const),
  ],
  looker: '780',
};

type Sections = Record<keyof typeof sections, string> &
  Partial<Record<'generated' | 'written' | 'readable' | 'journal', string>>;

const told = { ...sections, processes: processes(sections.processes) } satisfies Sections;

/** What `grep` prints from /proc for processes: number, name, parent and control group of each. */
function processes(all: readonly (string | number)[]): string {
  const each = Array.from({ length: all.length / 4 }, (_, at) => all.slice(4 * at, 4 * at + 4));
  return each
    .map(
      ([id, name, parent, cgroup]) =>
        `/proc/${id}/status:Name:\t${name}\n/proc/${id}/status:PPid:\t${parent}\n/proc/${id}/status:Uid:\t1500\t1500\t1500\t1500\n/proc/${id}/cgroup:0::${cgroup}`,
    )
    .join('\n');
}

const calm = lookAt('calm');
const link = /^\/nix\/store\/[^/]+-home-manager-files\//;

const aroundWith = (change: Partial<Sections>): AroundLook => {
  const around = aroundSeen(new Map(Object.entries({ ...told, ...change })), labOperator, []);
  if (around === null) throw new Error('it was not asked for');
  return around;
};

const unit = (name: string, activeState: string): ListedUnit => ({ name, activeState, subState: '', job: '' });
const timer = unit('podman-auto-update.timer', 'active');
const first: Look = { ...calm, around: aroundWith({}), listed: [...calm.listed, timer] };

/** What is seen around the stacks after a change. */
const seenWith = (
  change: Partial<Sections>,
  listed: readonly ListedUnit[] = [timer],
  from = first,
): Beside | undefined =>
  observed(
    { ...from, around: aroundWith(change), listed: [...calm.listed, ...listed] },
    observed(from, null).memory,
    link,
  ).seen.around;

test('nothing is told where nothing is otherwise, and of a recording from before it was asked for', () => {
  expect(seenWith({})).toBeUndefined();
  expect(observed(calm, observed(calm, null).memory).seen.around).toBeUndefined();
});

test('a unit that started, one that failed and a timer that ended are told; those that podman or a generator makes are not', () => {
  const id = 'a'.repeat(64);
  const generated = '/run/user/1500/systemd/generator/web-app.service';
  const listed = [
    'web-app.service',
    'noise.timer',
    `${id}-1f.timer`,
    'podman.service',
    'run-p7-i9.timer',
    'libpod-conmon-x.scope',
  ];
  expect(
    seenWith({ generated }, [...listed.map(name => unit(name, 'active')), unit('other.service', 'failed')])?.units,
  ).toEqual({
    'noise.timer': 'started',
    'run-ID.timer': 'started',
    'other.service': 'failed',
    'podman-auto-update.timer': 'ended',
  });
});

test('a unit file is told unless the owner links it', () => {
  const others = `${told.others.split('\n')[0]?.replace('hash', 'other')}
f\t/home/homelab/.config/systemd/user/noise.timer\t\t2.0
l\t/home/homelab/.config/systemd/user/duo-keeper.service\t/nix/store/other-home-manager-files/x\t1.0
f\t/run/user/1500/systemd/transient/noise.service\t\t2.0`;
  expect(seenWith({ others })?.unitFiles).toEqual({
    '~/.config/systemd/user/noise.timer': 'new',
    '~/.config/systemd/user/timers.target.wants/podman-auto-update.timer': 'gone',
  });
});

test('variables of the manager are told by name, and linger', () => {
  const environment = '{"type":"as","data":["LANG=C","JUNK=1"]}';
  expect(seenWith({ environment, linger: '' })).toMatchObject({
    environment: { HOME: 'gone', JUNK: 'new', LANG: 'changed' },
    linger: false,
  });
});

test('a process is told that is no container’s and not the look’s, with the unit that holds it', () => {
  const more = processes([
    900,
    'sleep',
    51,
    `${group}/app.slice/web-stack.service`,
    901,
    'pasta',
    51,
    `${group}/x.scope`,
  ]);
  expect(seenWith({ processes: `${told.processes}\n${more}` })?.processes).toEqual(['sleep in web-stack.service']);
});

test('what was written is told in whole MiB, and what of it others may read', () => {
  expect(
    seenWith({
      written: `${21 * 2 ** 20}\t644\t/home/homelab/junk\n100\t644\t/tmp/x`,
      readable: '/home/homelab/web.txt',
    }),
  ).toMatchObject({ written: 21, readable: ['~/web.txt'] });
});

test('errors of units are told once, those of containers never; and containers that ended by SIGKILL', () => {
  const [container] = calm.containers;
  const entry = (cursor: string, fields: object) => JSON.stringify({ __CURSOR: cursor, ...fields });
  const journal = [
    entry('1', { PRIORITY: '3', MESSAGE: 'FATAL', _SYSTEMD_USER_UNIT: 'web-stack.service' }),
    entry('2', { PRIORITY: '3', MESSAGE: 'Terminated', _SYSTEMD_USER_UNIT: 'web-stack.service', CONTAINER_ID: 'x' }),
    entry('3', { PRIORITY: '6', PODMAN_EVENT: 'died', PODMAN_EXIT_CODE: '137', PODMAN_ID: container?.id }),
    entry('4', { PRIORITY: '6', PODMAN_EVENT: 'died', PODMAN_EXIT_CODE: '0', PODMAN_ID: container?.id }),
  ].join('\n');
  expect(seenWith({ journal })).toMatchObject({ errors: ['web-stack.service: FATAL'], killed: [container?.service] });
  const again = observed({ ...first, around: aroundWith({ journal }) }, observed(first, null).memory, link);
  expect(observed({ ...first, around: aroundWith({ journal }) }, again.memory, link).seen.around).toBeUndefined();
});

test('on somebody’s own machine their services, processes and files are theirs', () => {
  const theirs = processes([900, 'vim', 1, '/user.slice/session-2.scope']);
  const change = { processes: `${told.processes}\n${theirs}`, written: `${21 * 2 ** 20}\t600\t/home/homelab/film` };
  const look = { ...first, around: aroundWith(change), listed: [...first.listed, unit('backup.service', 'failed')] };
  const ours = (from: Look) =>
    narrowed(from, { stacks: ['web', 'duo'], resources: [] }, { timers: [], dropIns: [] }, labOperator);
  expect(observed(ours(look), observed(ours(first), null).memory, link).seen.around).toBeUndefined();
});
