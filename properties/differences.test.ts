import { expect, it } from 'vitest';
import { expectedObservation } from '../models/expected-observation.ts';
import { homelab } from '../models/homelab.ts';
import { alike } from '../models/observation.ts';
import { firstWorld } from '../models/transitions/first.ts';
import { failedToStart } from '../models/transitions/lifecycle.ts';
import { withContainer, withUnit } from './altered.ts';
import { everyDifferenceIn } from './differences.ts';

const unit = 'duo-stack.service';

it('of a stack that could not be started only the containers that run are spoken of', () => {
  const world = failedToStart(firstWorld(homelab), 'duo');
  const seen = withUnit(expectedObservation(world), unit, { result: 'timeout' });
  const left = withContainer(seen, 'duo/db', { state: 'exited', image: 'broken', tag: 'broken' });
  expect(everyDifferenceIn(left, world)).toEqual([]);
  const running = withContainer(left, 'duo/api', { state: 'running' });
  expect(everyDifferenceIn(running, world)).toEqual(['container duo/api is running, not exited']);
});

it('a container that was made of a digest may go by a tag, as long as it runs that build', () => {
  const pinned = withContainer(expectedObservation(firstWorld(homelab)), 'web/app', { tag: '@v1' });
  expect(alike(pinned, withContainer(pinned, 'web/app', { tag: 'stable' }))).toBe(true);
  expect(alike(pinned, withContainer(pinned, 'web/app', { tag: 'stable', image: 'v2' }))).toBe(false);
  const other = withContainer(pinned, 'web/app', { tag: 'v1' });
  expect(alike(other, withContainer(pinned, 'web/app', { tag: 'stable' }))).toBe(false);
});

it('of any other stack every container is spoken of', () => {
  const world = firstWorld(homelab);
  const seen = withContainer(expectedObservation(world), 'duo/db', { image: 'v2' });
  expect(everyDifferenceIn(seen, world)).toEqual(['container duo/db has image v2, not v1']);
});
