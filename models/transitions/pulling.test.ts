import { expect, test } from 'vitest';
import { withService } from '../families/mutation.ts';
import { homelab } from '../homelab.ts';
import { edited } from '../machine/declaration.ts';
import start from '../operations/units/start.ts';
import startManager from '../operations/user-manager/start-manager.ts';
import stopManager from '../operations/user-manager/stop-manager.ts';
import type { World } from '../world.ts';
import { firstWorld } from './first.ts';
import { rebuildMayFail, rebuildMustFail, rebuilt, unsettled } from './generations.ts';
import { failedToStart, started, startMustFail } from './lifecycle.ts';

const yes = { ok: true, status: 0, message: '' };
const no = { ok: false, status: 4, message: 'no' };
const doubt = 'whether the image v2 of web/app is on the machine is not known';

/** web asks for a build that was never there; its start failed, and since then nobody can pull anything. */
const wanted = edited(homelab.declaration, 'web', services => withService(services, 'app', { tag: 'v2' }));
const installed = rebuilt(firstWorld(homelab), wanted, { ...no, message: 'its start failed' });
const failed: World = {
  ...failedToStart({ ...firstWorld(homelab), ...installed, images: { stable: 'v1', v1: 'v1' } }, 'web'),
  registryUp: false,
};

test('a start that failed may have pulled its images: starting again may go either way', () => {
  expect(failed.perhapsPulled).toEqual({ v2: 'v2' });
  expect(start.mustFail?.(failed, { stack: 'web' })).toEqual([]);
  expect(start.mayFail?.(failed, { stack: 'web' })).toEqual([doubt]);
  expect(start.expected(failed, { stack: 'web' }, no).stacks.web?.active).toBe('failed');
  const began = start.expected(failed, { stack: 'web' }, yes);
  expect(began).toMatchObject({ images: { v2: 'v2' }, perhapsPulled: {}, uncertain: null });
  expect(began.stacks.web?.containers.app).toMatchObject({ image: 'v2', state: 'running' });
});

test('what nobody can have pulled makes success impossible', () => {
  const never: World = { ...failed, perhapsPulled: {} };
  expect(start.mustFail?.(never, { stack: 'web' })).toEqual(['there is no image v2 for web/app']);
  expect(rebuildMustFail(never, wanted)).toEqual(['there is no image v2 for web/app']);
});

test('a rebuild that fails leaves it open whether such a stack runs, one that succeeds does not', () => {
  expect(rebuildMustFail(failed, wanted)).toEqual([]);
  expect(rebuildMayFail(failed, wanted)).toEqual([doubt]);
  expect(rebuilt(failed, wanted, no).uncertain).toBe(doubt);
  expect(rebuilt(failed, wanted, yes)).toMatchObject({ uncertain: null, stacks: { web: { active: 'active' } } });
});

test('so does the start of a user manager, which makes no claim of each', () => {
  const down = stopManager.expected(failed, {}, yes);
  expect(startManager.expected(down, {}, yes).uncertain).toBe(doubt);
});

test('a rebuild that was killed or had another one in its way may have pulled everything', () => {
  const half = unsettled(firstWorld(homelab), wanted, 'it was killed');
  expect(rebuildMustFail({ ...half, registryUp: false }, wanted)).toEqual([]);
});

test('what may have been pulled, and means another build in the registry now, is either once it runs', () => {
  const moved: World = { ...failed, registryUp: true, registry: { ...failed.registry, v2: 'v3' } };
  const world = start.expected(moved, { stack: 'web' }, yes);
  expect(world.images.v2).toBe('v2|v3');
  expect(world.stacks.web?.containers.app?.image).toBe('v2|v3');
  expect(start.expected(moved, { stack: 'web' }, no).perhapsPulled).toEqual({ v2: 'v2|v3' });
});

test('a digest that a tag may be, or not: with the registry down a start may go either way', () => {
  const pinned = edited(homelab.declaration, 'web', services => withService(services, 'app', { tag: '@v2' }));
  const asked: World = { ...failedToStart(rebuilt(firstWorld(homelab), pinned, no), 'web'), registryUp: false };
  const either: World = { ...asked, perhapsPulled: {}, images: { stable: 'v1|v2', v1: 'v1' } };
  expect(rebuildMustFail(either, pinned)).toEqual([]);
  expect(rebuildMayFail(either, pinned)).toContain('whether the image @v2 of web/app is on the machine is not known');
  const never: World = { ...either, images: { stable: 'v1', v1: 'v1' } };
  expect(rebuildMustFail(never, pinned)).toEqual(['there is no image @v2 for web/app']);
});

test('an image that is asked for by its digest, and is there by a tag, is lost with the tag', () => {
  const pinned = edited(homelab.declaration, 'web', services => withService(services, 'app', { tag: '@v1' }));
  const world = rebuilt(firstWorld(homelab), pinned, yes);
  expect(world.images['@v1']).toBeUndefined();
  expect(startMustFail({ ...world, registryUp: false }, 'web')).toEqual([]);
  const moved: World = { ...world, registryUp: false, images: { stable: 'by-hand', v1: 'by-hand' } };
  expect(startMustFail(moved, 'web')).toEqual(['there is no image @v1 for web/app']);
  const pulled = started({ ...moved, registryUp: true }, 'web');
  expect(startMustFail({ ...pulled, registryUp: false }, 'web')).toEqual([]);
});

test('what one service has pulled at every start, another of the same tag is made of too', () => {
  const pulling = edited(homelab.declaration, 'duo', services => ({
    ...services,
    ...(services.api && {
      api: { ...services.api, pull: 'always' as const },
      also: { ...services.api, tag: 'stable' },
    }),
  }));
  const before = rebuilt(firstWorld(homelab), pulling, yes);
  const world = { ...before, registry: { ...before.registry, stable: 'v2' } };
  const { images, stacks } = started(world, 'duo');
  expect(images.stable).toBe('v2');
  expect(stacks.duo?.containers.also?.image).toBe('v2');
});
