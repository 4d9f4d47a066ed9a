import { expect, test } from 'vitest';
import { homelab } from '../../../models/homelab.ts';
import { edited } from '../../../models/machine/declaration.ts';
import { lookAt } from '../../../tests/helpers/recorded.ts';
import { faultOf, restOf } from './settle.ts';

test('a machine at rest waits for nothing, also with its manager down', () => {
  for (const name of ['calm', 'drifted', 'down']) {
    expect(restOf(lookAt(name))).toEqual({ rested: true, waiting: [] });
  }
});

test('a machine that moves says what it waits for', () => {
  const { rested, waiting } = restOf(lookAt('moving'));
  expect(rested).toBe(false);
  expect(waiting).toContain('duo-stack.service has a restart job');
});

test('containers on their way, and a manager on its way, are waited for', () => {
  const calm = lookAt('calm');
  const containers = calm.containers.map(one => ({ ...one, container: { ...one.container, state: 'stopping' } }));
  expect(restOf({ ...calm, rested: false, manager: 'deactivating', listed: [], containers }).waiting).toEqual([
    'the user manager is deactivating',
    ...containers.map(({ name }) => `container ${name} is stopping`),
  ]);
});

test('what stopped moving right after the look is still a reason', () => {
  const calm = lookAt('calm');
  expect(restOf({ ...calm, rested: false, listed: [] }).waiting).toEqual(['something that moved during the last look']);
});

test('a machine is fit to start from where it is at rest and every stack runs', () => {
  const { declaration } = homelab;
  const more = { stacks: { ...declaration.stacks, other: { revision: 1, services: {}, secrets: [] } } };
  expect(faultOf(lookAt('calm'), declaration)).toBeNull();
  expect(faultOf(lookAt('calm'), more)).toBe('other-stack.service is not active');
  expect(faultOf(lookAt('drifted'), declaration)).toBe(
    'web-stack.service is not active, container web-app-1 does not run, container duo-api-1 does not run',
  );
  expect(faultOf(lookAt('moving'), declaration)).toMatch('does not come to rest: duo-stack.service has a restart job');
});

test('a job is over, and does not go on running, on a machine to start from', () => {
  const jobs = edited(homelab.declaration, 'duo', ({ db, ...others }) => ({
    ...others,
    ...(db && { db: { ...db, ends: 0 } }),
  }));
  const ended = (state: string) => {
    const { containers, ...look } = lookAt('calm');
    const changed = containers.map(one =>
      one.service === 'duo/db' ? { ...one, container: { ...one.container, state } } : one,
    );
    return { ...look, containers: changed };
  };
  expect(faultOf(ended('exited'), jobs)).toBeNull();
  expect(faultOf(ended('running'), jobs)).toBe('container duo-db-1 has not ended');
});
