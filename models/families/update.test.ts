import { describe, expect, test } from 'vitest';
import { expectedObservation } from '../expected-observation.ts';
import { homelab } from '../homelab.ts';
import type { Claim } from '../host.ts';
import { alike, type Observation } from '../observation.ts';
import autoUpdate from '../operations/images/auto-update.ts';
import rebuildBesideUpdate from '../operations/rebuild/rebuild-beside-update.ts';
import start from '../operations/units/start.ts';
import stop from '../operations/units/stop.ts';
import { firstWorld } from '../transitions/first.ts';
import { rebuilt } from '../transitions/generations.ts';
import { stackIn, withStack } from '../transitions/systemd.ts';
import type { ContainerWorld, World } from '../world.ts';
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

const yes: Claim = { ok: true, status: 0, message: '' };
const row = (stack: string, updated: string) => ({
  unit: `${stack}-stack.service`,
  container: `${stack}-app-1`,
  updated,
});
const imageAt = (world: World, stack: string, service: string) => stackIn(world, stack).containers[service]?.image;

/** What a machine would show where a container runs this build. */
const shown = (world: World, name: string, image: string): Observation => {
  const { vague: _, ...seen } = expectedObservation(world);
  return { ...seen, containers: { ...seen.containers, [name]: { ...seen.containers[name], image } as never } };
};

describe('an update that claims success, where podman may run a container again or not', () => {
  const { app } = stackIn(published, 'web').containers;
  const duoStopped = stop.expected(published, { stack: 'duo' }, yes);
  const perhaps = withStack(duoStopped, 'web', {
    containers: { app: { ...(app as ContainerWorld), state: 'undecided' } },
  });
  const asked = (updates: Claim['updates']) =>
    autoUpdate.expected(perhaps, {}, { ...yes, ...(updates && { updates }) });
  const rebuiltAfter = (updates: Claim['updates']) => {
    const world = asked(updates);
    return rebuilt(world, world.declared, yes);
  };

  test('ran it where it says so: whatever starts from then on has the newest image', () => {
    expect(asked([row('web', 'true')]).uncertain).toBeNull();
    const world = rebuiltAfter([row('web', 'true')]);
    expect([world.images.stable, imageAt(world, 'web', 'app'), imageAt(world, 'duo', 'api')]).toEqual([
      'v2',
      'v2',
      'v2',
    ]);
  });

  test('did not find it where it lists it not', () => {
    expect(asked([]).stacks).toEqual(perhaps.stacks);
    expect([rebuiltAfter([]).images.stable, imageAt(rebuiltAfter([]), 'duo', 'api')]).toEqual(['v1', 'v1']);
  });

  test('may have moved the tag or not where it lists nothing: either build is right then, and no third', () => {
    expect(asked(undefined).uncertain).not.toBeNull();
    const world = rebuiltAfter(undefined);
    expect([world.uncertain, world.images.stable, imageAt(world, 'duo', 'api')]).toEqual([null, 'v1|v2', 'v1|v2']);
    const looks = ['v1', 'v2', 'v3'].map(image => alike(expectedObservation(world), shown(world, 'duo/api', image)));
    expect(looks).toEqual([true, true, false]);
    const again = autoUpdate.expected(world, {}, { ...yes, updates: [row('web', 'true'), row('duo', 'true')] });
    expect([again.images.stable, imageAt(again, 'web', 'app'), imageAt(again, 'duo', 'api')]).toEqual([
      'v2',
      'v2',
      'v2',
    ]);
  });

  test('may not have run what cannot run', () => {
    const bad: World = { ...perhaps, registry: { ...perhaps.registry, stable: 'broken' } };
    expect(autoUpdate.expected(bad, {}, yes)).toMatchObject({ uncertain: null, images: { stable: 'v1' } });
  });
});

test('an update that fails may have updated one stack before: it is taken at its word', () => {
  const failed: Claim = { ok: false, status: 125, message: 'no', updates: [row('web', 'true'), row('duo', 'false')] };
  const world = autoUpdate.expected(published, {}, failed);
  expect([world.images.stable, imageAt(world, 'web', 'app'), imageAt(world, 'duo', 'api')]).toEqual(['v2', 'v2', 'v1']);
});

test('an update beside a rebuild of which one failed may have moved the tags where it lists nothing', () => {
  const failed: Claim = { ok: false, status: 1, message: 'no' };
  expect(rebuildBesideUpdate.expected(published, { change: 'nothing' }, failed).images.stable).toBe('v1|v2');
});

describe('an update beside a rebuild, both with success, where one stack did not run', () => {
  const stopped = stop.expected(published, { stack: 'duo' }, yes);
  const images = (updates: Claim['updates']) => {
    const claim = { ...yes, ...(updates && { updates }) };
    const world = rebuildBesideUpdate.expected(stopped, { change: 'nothing' }, claim);
    return [world.images.stable, imageAt(world, 'web', 'app'), imageAt(world, 'duo', 'api')];
  };

  test('came last where it lists that stack', () => {
    expect(images([row('web', 'true'), row('duo', 'true')])).toEqual(['v2', 'v2', 'v2']);
  });

  test('came first where it does not: the rebuild started it with what the tag meant since', () => {
    expect(images([row('web', 'true')])).toEqual(['v2', 'v2', 'v2']);
    const none = stop.expected(stopped, { stack: 'web' }, yes);
    const world = rebuildBesideUpdate.expected(none, { change: 'nothing' }, { ...yes, updates: [] });
    expect([world.images.stable, imageAt(world, 'duo', 'api')]).toEqual(['v1', 'v1']);
  });

  test('came first or last where it lists nothing', () => {
    const none = stop.expected(stopped, { stack: 'web' }, yes);
    const world = rebuildBesideUpdate.expected(none, { change: 'nothing' }, yes);
    expect([world.images.stable, imageAt(world, 'web', 'app'), imageAt(world, 'duo', 'api')]).toEqual(
      Array(3).fill('v1|v2'),
    );
  });
});

test('a tag that may mean what cannot run: a start may go either way, and what runs is the other build', () => {
  const stopped = stop.expected(firstWorld(homelab), { stack: 'web' }, yes);
  const world: World = { ...stopped, images: { ...stopped.images, stable: 'broken|v1' } };
  expect(start.mustFail?.(world, { stack: 'web' })).toEqual([]);
  expect(start.mayFail?.(world, { stack: 'web' })).toEqual([
    'whether the image stable of web/app can run is not known',
  ]);
  expect(start.expected(world, { stack: 'web' }, yes).images.stable).toBe('v1');
});

describe('an update after a command that failed half way', () => {
  const halfway: World = { ...published, uncertain: 'whether the image of web/app is on the machine is not known' };

  test('may find no container, so that it succeeds though the registry is down', () => {
    const down = { ...halfway, registryUp: false };
    expect(autoUpdate.mustFail?.(down, {})).toEqual([]);
    expect(autoUpdate.mayFail?.(down, {})).toContain('the registry is down, and web/app follows it');
    expect(autoUpdate.mustFail?.({ ...down, uncertain: null }, {})).not.toEqual([]);
  });

  test('may have moved the tag or not, where it lists nothing', () => {
    expect(autoUpdate.expected(halfway, {}, yes).images.stable).toBe('v1|v2');
  });
});
