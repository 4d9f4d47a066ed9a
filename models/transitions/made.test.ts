import { expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import { editedStack } from '../machine/declaration.ts';
import rollback from '../operations/rebuild/rollback.ts';
import replaceUnit from '../operations/unit-files/replace-unit.ts';
import restart from '../operations/units/restart.ts';
import daemonReload from '../operations/user-manager/daemon-reload.ts';
import type { World } from '../world.ts';
import { firstWorld } from './first.ts';
import { rebuildMayFail, rebuilt } from './generations.ts';
import { withStack } from './systemd.ts';

const yes = { ok: true, status: 0, message: '' };
const web = { stack: 'web' } as const;

/** web needs an env file more since the second generation. */
const second = editedStack(homelab.declaration, 'web', ({ secrets }) => ({ secrets: [...secrets, 'web-extra'] }));
const installed = rebuilt(firstWorld(homelab), second, yes);
const missing = (world: World): World => ({ ...world, missingSecrets: ['web-extra'] });
const lacks = 'web needs ~/secrets/web-extra.env, which is missing';

test('containers that the declared definition made need no start, whatever became of its env files', () => {
  expect(installed.stacks.web?.made).toBe(second.revision);
  expect(rebuildMayFail(missing(installed), second)).toEqual([]);
});

test('those of another definition do, though it has the same image, tag and environment, and its unit is loaded', () => {
  const older = [
    (world: World) => replaceUnit.expected(world, { ...web, by: 'stale' }, yes),
    (world: World) => daemonReload.expected(world, {}, yes),
    (world: World) => restart.expected(world, web, yes),
  ].reduce((world, step) => step(world), installed);
  expect(older.stacks.web?.made).toBe(homelab.declaration.stacks.web?.revision);
  // Its own files are back, and the manager has read them.
  const { files, loaded } = installed.stacks.web as World['stacks'][string];
  const back = missing(withStack(older, 'web', { files, loaded }));
  expect(rebuildMayFail(back, second)).toEqual([lacks]);
});

test('a failed rollback may have stopped them, where a hand had the manager load the definition that it goes back to', () => {
  const third = editedStack(second, 'web', ({ secrets }) => ({ secrets: secrets.slice(0, 1) }));
  const stale = [
    (world: World) => rebuilt(world, third, yes),
    (world: World) => replaceUnit.expected(world, { ...web, by: 'stale' }, yes),
    (world: World) => daemonReload.expected(world, {}, yes),
  ].reduce((world, step) => step(world), installed);
  expect(stale.stacks.web).toMatchObject({ made: third.revision, loaded: { revision: second.revision } });
  const failed = rollback.expected(missing(stale), {}, { ok: false, status: 4, message: lacks });
  expect(failed.uncertain).toBe('whether the failed command came to web-stack.service is not known');
  const again = rebuilt(failed, third, yes);
  expect(again.stacks.web).toMatchObject({ active: 'active', made: third.revision });
  expect(again.uncertain).toBeNull();
});
