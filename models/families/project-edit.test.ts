import { expect, test } from 'vitest';
import type { ComposeProject } from '../machine/compose-project.ts';
import { editedStack } from '../machine/declaration.ts';
import { withProject } from '../machine/own-stack.ts';
import editConfig from '../operations/configuration/edit-config.ts';
import editSharedVariable from '../operations/configuration/edit-shared-variable.ts';
import editVolume from '../operations/configuration/edit-volume.ts';
import rebuild from '../operations/rebuild/rebuild.ts';
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

/** The world of the stack media with another project. */
const worldOf = (project: ComposeProject) =>
  firstWorld({
    ...ownHomelab,
    declaration: editedStack(ownHomelab.declaration, 'media', before => withProject('media', before, project)),
  });

test('the text of a mounted file changes only where it is mounted', () => {
  const project: ComposeProject = { ...media, files: ['site'] };
  expect(editConfig.choices(worldOf(media))).toEqual([{ stack: 'media', config: 'site' }]);
  expect(editConfig.choices(worldOf(project))).toEqual([]);
  expect(editConfig.choices(worldOf({ ...project, mountsConfigs: true }))).toHaveLength(1);
});

test('another set of options of a volume that exists may be refused, until the volume is removed', () => {
  const world = firstWorld(ownHomelab);
  const args = { stack: 'media', volume: 'data', size: '1m' };
  const why = 'the volume media_data has other options than device=tmpfs o=size=1m type=tmpfs';
  expect(editVolume.mayFail?.(world, args)).toEqual([why]);
  const refused = { ok: false, status: 4, message: 'no', outcomes: [{ kind: 'refused' as const }] };
  const after = editVolume.expected(world, args, refused);
  expect(after.volumes).toEqual({ media_data: '' });
  expect(rebuild.mayFail?.(after, {})).toEqual([why]);
  expect(rebuild.mayFail?.({ ...after, volumes: {} }, {})).toEqual([]);
  const made = rebuild.expected({ ...after, volumes: {} }, {}, { ok: true, status: 0, message: '' });
  expect(made.volumes).toEqual({ media_data: 'device=tmpfs o=size=1m type=tmpfs' });
});
