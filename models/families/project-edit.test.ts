import { expect, test } from 'vitest';
import type { ComposeProject } from '../machine/compose-project.ts';
import { editedStack } from '../machine/declaration.ts';
import { withProject } from '../machine/own-stack.ts';
import editSharedVariable from '../operations/configuration/edit-shared-variable.ts';
import { media, ownHomelab } from '../own-homelab.ts';
import { firstWorld } from '../transitions/first.ts';

test('a variable of a file that several services read changes in all that have the same value', () => {
  const values: Readonly<Record<string, string>> = { db: 'UTC', app: 'UTC', vpn: 'elsewhere' };
  const services = Object.fromEntries(
    Object.entries(media.services).map(([name, service]) => {
      const value = values[name];
      return [name, value === undefined ? service : { ...service, environment: { TZ: value } }];
    }),
  );
  const project: ComposeProject = { ...media, services };
  const declaration = editedStack(ownHomelab.declaration, 'media', before => withProject('media', before, project));
  const world = firstWorld({ ...ownHomelab, declaration });
  const args = { stack: 'media', name: 'TZ' };
  expect(editSharedVariable.choices(world)).toEqual([args]);
  expect(editSharedVariable.choices(firstWorld(ownHomelab))).toEqual([{ stack: 'media', name: 'LOG_LEVEL' }]);

  const after = editSharedVariable.expected(world, args, { ok: true, status: 0, message: '' });
  const zones = ['db', 'app', 'vpn'].map(
    name => /^environment TZ=.*$/m.exec(after.stacks.media?.containers[name]?.settings ?? '')?.[0],
  );
  expect(zones).toEqual(['environment TZ=UTC-changed', 'environment TZ=UTC-changed', 'environment TZ=elsewhere']);
});
