import { expect, test } from 'vitest';
import { innermost, tellingLine, withFailure, withoutFailure } from './cause.ts';

const wrapper = { unit: 'home-manager-homelab.service', manager: 'system', says: 'Starting units: duo web' } as const;
const update = { unit: 'podman-auto-update.service', manager: 'user', says: 'raw-image name is empty' } as const;
const web = { unit: 'web-stack.service', manager: 'user', says: 'no such image' } as const;
const duo = { unit: 'duo-stack.service', manager: 'user', says: 'no such network' } as const;

test('the stack’s unit is the innermost, then any other of the operator’s, and of several the first by name', () => {
  expect(innermost([])).toBeNull();
  expect(innermost([wrapper])).toEqual({ unit: wrapper.unit, says: wrapper.says });
  expect(innermost([update, wrapper])?.unit).toBe(update.unit);
  for (const all of [
    [wrapper, update, web, duo],
    [duo, web, update, wrapper],
  ])
    expect(innermost(all)?.unit).toBe(duo.unit);
});

test('of a unit the last failure counts, and none once it runs again', () => {
  expect(withFailure([web, duo], { ...web, says: 'other' })).toEqual([duo, { ...web, says: 'other' }]);
  expect(withoutFailure([web, duo], web.unit)).toEqual([duo]);
});

test('a line that only hands on the status with which the program ended tells nothing', () => {
  const cause = 'Error response from daemon: {"message":"manifest unknown: manifest unknown"}';
  const wrapped = 'Error: executing docker-compose -f /nix/store/x/compose.yml up -d --remove-orphans: exit status 18';
  expect(tellingLine([' app Pulling', cause, wrapped], '18')).toBe(cause);
  // Where it is all there is, it is what there is; and another number is no status.
  expect(tellingLine([wrapped, '', ']'], 18)).toBe(wrapped);
  expect(tellingLine([cause, wrapped], 1)).toBe(wrapped);
  expect(tellingLine([], 1)).toBe('');
});
