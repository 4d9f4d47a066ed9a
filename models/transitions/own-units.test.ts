import { expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import type { Claim, UpdateReport } from '../host.ts';
import killConmon from '../operations/containers/kill-conmon.ts';
import killContainer from '../operations/containers/kill-container.ts';
import autoUpdate from '../operations/images/auto-update.ts';
import start from '../operations/units/start.ts';
import stop from '../operations/units/stop.ts';
import stopManager from '../operations/user-manager/stop-manager.ts';
import type { World } from '../world.ts';
import { firstWorld } from './first.ts';

const world = firstWorld({ ...homelab, traits: { ...homelab.traits, ownUnits: true } });
const done: Claim = { ok: true, status: 0, message: '' };
const shown = ({ stacks }: World) =>
  Object.fromEntries(
    Object.entries(stacks).flatMap(([stack, { containers }]) =>
      Object.entries(containers).map(([name, { state, image }]) => [`${stack}/${name}`, `${state} ${image}`]),
    ),
  );
const all = { 'web/app': 'running v1', 'duo/db': 'running v1', 'duo/api': 'running v1' };
const duo = { stack: 'duo' };
const db = { ...duo, service: 'db' };

test('a container names its own unit, and is declared whatever became of the unit of its stack', () => {
  expect(world.stacks.duo?.containers.db).toMatchObject({ unit: 'duo-db.service', marker: 'declared' });
});

test.each([
  ['stop of its stack', stop.expected(world, duo, done)],
  ['end of the user manager', stopManager.expected(world, {}, done)],
])('a container is gone after the %s', (_what, after) => {
  expect(shown(after)).not.toHaveProperty('duo/db');
});

test('one that was killed is gone, and a start of the active stack brings it back', () => {
  const after = killContainer.expected(world, db, done);
  const { 'duo/db': _, ...others } = all;
  expect(shown(after)).toEqual(others);
  expect(shown(start.expected(after, duo, done))).toEqual(all);
});

test('of one that lost its conmon it is not known whether it is gone, until a start', () => {
  const after = killConmon.expected(world, db, done);
  expect(after.stacks.duo?.containers.db?.state).toBe('unknown');
  expect(shown(start.expected(after, duo, done))).toEqual(all);
});

test('an update restarts a container alone, and is taken at its word for each', () => {
  const { 'duo/db': _, ...others } = all;
  const published = { ...killContainer.expected(world, db, done), registry: { ...world.registry, stable: 'v2' } };
  expect(shown(published)).toEqual(others);
  expect(shown(autoUpdate.expected(published, {}, done))).toEqual({ 'web/app': 'running v2', 'duo/api': 'running v2' });
  const updates: readonly UpdateReport[] = [
    { unit: 'web-app.service', container: 'web-app-1', updated: 'true' },
    { unit: 'duo-api.service', container: 'duo-api-1', updated: 'rolled back' },
  ];
  const failed = autoUpdate.expected(published, {}, { ok: false, status: 125, message: '', updates });
  expect(shown(failed)).toEqual({ 'web/app': 'running v2', 'duo/api': 'running v1' });
});
