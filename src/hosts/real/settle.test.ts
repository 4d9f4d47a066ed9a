import { expect, test } from 'vitest';
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
  const stacks = ['web', 'duo'];
  expect(faultOf(lookAt('calm'), stacks)).toBeNull();
  expect(faultOf(lookAt('calm'), [...stacks, 'other'])).toBe('other-stack.service is not active');
  expect(faultOf(lookAt('drifted'), stacks)).toBe(
    'web-stack.service is not active, container web-app-1 does not run, container duo-api-1 does not run',
  );
  expect(faultOf(lookAt('moving'), stacks)).toMatch('does not come to rest: duo-stack.service has a restart job');
});
