import { expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import addQuadletDropIn from '../operations/quadlets/add-quadlet-drop-in.ts';
import editGeneratedUnit from '../operations/quadlets/edit-generated-unit.ts';
import editQuadlet from '../operations/quadlets/edit-quadlet.ts';
import replaceQuadlet from '../operations/quadlets/replace-quadlet.ts';
import shadowQuadlet from '../operations/quadlets/shadow-quadlet.ts';
import rebuild from '../operations/rebuild/rebuild.ts';
import restart from '../operations/units/restart.ts';
import stop from '../operations/units/stop.ts';
import daemonReload from '../operations/user-manager/daemon-reload.ts';
import type { World } from '../world.ts';
import { firstWorld } from './first.ts';
import { reloaded } from './systemd.ts';

const world = firstWorld({ ...homelab, traits: { ...homelab.traits, ownUnits: true, quadlets: true } });
const done = { ok: true, status: 0, message: '' };
const refused = { ok: false, status: 1, message: '', outcomes: [{ kind: 'refused' }] } as const;
const duo = { stack: 'duo' };
const db = { ...duo, file: 'duo-db.container' };
const network = { ...duo, file: 'duo_default.network' };
const stronger = '%t/containers/systemd';
const weaker = '/etc/containers/systemd/users';

const restarted = (from: World): World => restart.expected(from, duo, done);
const markerOf = (at: World): string | undefined => at.stacks.duo?.containers.db?.marker;
const reload = (from: World): World => daemonReload.expected(from, {}, done);

test('an edit of a quadlet file is in force after a reload and a restart, and not before', () => {
  const edited = editQuadlet.expected(world, db, done);
  expect(markerOf(restarted(edited))).toBe('declared');
  expect(markerOf(reload(edited))).toBe('declared');
  expect(markerOf(restarted(reload(edited)))).toBe('edited');
});

test.each([
  ['a stronger directory', shadowQuadlet.expected(world, { ...db, directory: stronger }, done), 'shadow'],
  ['a weaker directory', shadowQuadlet.expected(world, { ...db, directory: weaker }, done), 'declared'],
  ['a drop-in of any directory', addQuadletDropIn.expected(world, { ...db, directory: weaker }, done), 'drop-in'],
])('of %s the generator takes what podman-systemd.unit(5) says', (_what, after, marker) => {
  expect(markerOf(restarted(reload(after)))).toBe(marker);
});

test.each(['mask', 'empty', 'nothing'] as const)(
  'a container has no unit where its file is replaced by this: %s',
  by => {
    const after = replaceQuadlet.expected(world, { ...db, by }, done);
    expect(restart.mustFail?.(after, duo)).toEqual([]);
    expect(restart.mustFail?.(reload(after), duo)).toEqual([
      "podman's generator makes no unit of the quadlet files for duo/db",
    ]);
    expect(restart.mayFail?.(after, duo)).not.toEqual([]);
    const failed = restart.expected(reload(after), duo, { ...done, ok: false });
    expect(failed.stacks.duo?.containers).toMatchObject({ db: { state: 'unknown' } });
    expect(Object.keys(failed.stacks.duo?.containers ?? {})).toEqual(['db']);
  },
);

test.each(['dangling', 'directory'] as const)(
  'no container of any stack has a unit where a file is replaced by this: %s',
  by => {
    const after = reload(replaceQuadlet.expected(world, { ...db, by }, done));
    expect(restart.mustFail?.(after, duo)).toHaveLength(2);
    expect(restart.mustFail?.(after, { stack: 'web' })).toHaveLength(1);
  },
);

test('no container of a stack has a unit where the file of its network is gone', () => {
  const after = reload(replaceQuadlet.expected(world, { ...network, by: 'nothing' }, done));
  expect(restart.mustFail?.(after, duo)).toHaveLength(2);
  const same = reload(replaceQuadlet.expected(world, { ...network, by: 'identical' }, done));
  expect(restart.mustFail?.(same, duo)).toEqual([]);
});

test('a rebuild may refuse because of it, or must put it right', () => {
  const after = restarted(reload(shadowQuadlet.expected(world, { ...db, directory: stronger }, done)));
  expect(rebuild.mayFail?.(after, {})).toContain(`${stronger}/duo-db.container has drifted`);
  expect(rebuild.expected(after, {}, refused).stacks).toEqual(after.stacks);
  const right = rebuild.expected(after, {}, done);
  expect(right.stacks.duo).toEqual(world.stacks.duo);
});

test('nothing is left of a stack that was stopped, whatever became of its files', () => {
  const after = stop.expected(reload(replaceQuadlet.expected(world, { ...db, by: 'mask' }, done)), duo, done);
  expect(after.stacks.duo?.containers).toEqual({});
});

test('an edit of a generated unit is never in force', () => {
  const at = { ...duo, service: 'db' };
  expect(editGeneratedUnit.allowed(world, at)).toBe(true);
  expect(editGeneratedUnit.allowed(stop.expected(world, duo, done), at)).toBe(false);
  expect(restarted(editGeneratedUnit.expected(world, at, done))).toEqual(world);
});

test('a drop-in of a quadlet file is nothing that the manager looks for', () => {
  const after = addQuadletDropIn.expected(world, { ...db, directory: '~/.config/containers/systemd' }, done);
  expect(after.lookup).toEqual(world.lookup);
  expect(reloaded(after).stacks.duo?.loaded.dropInPaths).toEqual([]);
});

test('under a profile without quadlet files there is none to change', () => {
  const other = firstWorld(homelab);
  for (const one of [editQuadlet, shadowQuadlet, replaceQuadlet, addQuadletDropIn, editGeneratedUnit])
    expect(one.choices(other)).toEqual([]);
});
