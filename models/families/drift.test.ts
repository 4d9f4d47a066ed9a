import { expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import shadowUnit from '../operations/unit-files/shadow-unit.ts';
import { firstWorld } from '../transitions/first.ts';

test('nothing is left where the manager that runs the stacks does not look', () => {
  const world = firstWorld(homelab);
  const allowed = (directory: Parameters<typeof shadowUnit.describe>[0]['directory']) =>
    shadowUnit.allowed(world, { stack: 'web', directory });
  expect(allowed('~/.local/share/systemd/user')).toBe(true);
  expect(allowed('/etc/systemd/system.attached')).toBe(false);
  const ofSystem = firstWorld({ ...homelab, owner: '/etc/systemd/system' });
  expect(shadowUnit.allowed(ofSystem, { stack: 'web', directory: '/etc/systemd/system.attached' })).toBe(true);
  expect(shadowUnit.allowed(ofSystem, { stack: 'web', directory: '~/.local/share/systemd/user' })).toBe(false);
});
