import { expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import rebuildBesideUpdate from '../operations/rebuild/rebuild-beside-update.ts';
import { firstWorld } from '../transitions/first.ts';
import { rebuilt } from '../transitions/generations.ts';
import type { World } from '../world.ts';
import { outdated } from './update.ts';

/** A newer build of stable is published. */
const published: World = { ...firstWorld(homelab), registry: { ...firstWorld(homelab).registry, stable: 'v2' } };
const [first] = outdated(published);

/** A rebuild beside an update that fails, of which the updater says this; then a rebuild that claims success. */
function recovered(updated: string): World {
  const unit = `${first}-stack.service`;
  const failed = { ok: false, status: 4, message: 'no', updates: [{ unit, container: 'web-app-1', updated }] };
  const world = rebuildBesideUpdate.expected(published, { change: 'nothing' }, failed);
  expect(world.uncertain).not.toBeNull();
  return rebuilt(world, world.declared, { ok: true, status: 0, message: '' });
}

test.each([
  ['true', 'v2'],
  ['rolled back', 'v1'],
  ['false', 'v1'],
])('after an update that says %s, and a rebuild beside it that failed, the tag means %s', (updated, image) => {
  const world = recovered(updated);
  expect(world.images.stable).toBe(image);
  const images = Object.values(world.stacks[first as string]?.containers ?? {})
    .filter(({ tag }) => tag === 'stable')
    .map(container => container.image);
  expect(new Set(images)).toEqual(new Set([image]));
});
