import { expect, test } from 'vitest';
import { expectedObservation } from '../../../../models/expected-observation.ts';
import { homelab } from '../../../../models/homelab.ts';
import { Sick } from '../../../../models/host.ts';
import { firstWorld } from '../../../../models/transitions/first.ts';
import { lookAt, recorded } from '../../../../tests/helpers/recorded.ts';
import { labOperator } from '../../paths.ts';
import { containersSeen, inspectionsIn } from './containers.ts';
import { understood } from './look.ts';
import { observed } from './observe.ts';

const seen = (name: string) => observed(lookAt(name), null).seen;

test('a machine freshly rebuilt shows what the model believes of it', () => {
  const expected = expectedObservation(firstWorld(homelab));
  const calm = seen('calm');
  expect({ manager: calm.manager, generation: calm.generation, files: calm.files, timers: calm.strayTimers }).toEqual({
    manager: expected.manager,
    generation: expected.generation,
    files: expected.files,
    timers: [],
  });
  const units = Object.entries(expected.units).map(([name, unit]) => [name, { ...unit, starts: 0 }]);
  expect(calm.units).toEqual(Object.fromEntries(units));
  // That look was recorded before a look had the variables of containers, by which their secrets are known.
  expect(calm.containers['duo/api']).toEqual({ ...expected.containers['duo/api'], secretTexts: '' });
  expect(calm.containers['web/app']).toEqual({
    ...expected.containers['web/app'],
    health: 'healthy',
    secretTexts: '',
  });
});

test('every kind of thing in the search path is told from every other', () => {
  const declared = { revision: 1, marker: 'declared' };
  const link = { kind: 'generation', revision: 1, definition: declared };
  expect(seen('drifted').files).toEqual({
    '%t/systemd/user.control/duo-stack.service': { kind: 'file', definition: declared },
    '%t/systemd/user/web-stack.service': { kind: 'directory' },
    '/etc/systemd/user/web-stack.service': { kind: 'link', target: '/dev/null', definition: null },
    '~/.config/systemd/user.control/web-stack.service': {
      kind: 'file',
      definition: { revision: 1, marker: 'shadow' },
    },
    '~/.config/systemd/user/default.target.wants/duo-stack.service': link,
    '~/.config/systemd/user/default.target.wants/web-stack.service': link,
    '~/.config/systemd/user/duo-stack.service': {
      kind: 'link',
      target: '~/drift/duo-stack.service',
      definition: { revision: 1, marker: 'foreign' },
    },
    '~/.config/systemd/user/duo-stack.service.d/50-drift.conf': {
      kind: 'file',
      definition: { revision: null, marker: 'drop-in' },
    },
    '~/.config/systemd/user/service.d/10-all.conf': { kind: 'file', definition: null },
    '~/.config/systemd/user/web-stack.service': link,
    '~/.local/share/systemd/user/duo-stack.service': { kind: 'file', definition: null },
    '~/.local/share/systemd/user/web-stack.service': {
      kind: 'link',
      target: '~/drift/missing/web-stack.service',
      definition: null,
    },
  });
});

test('a unit is shown as it is loaded, with the path and the drop-ins that won', () => {
  const { units } = seen('drifted');
  expect(units['web-stack.service']).toMatchObject({
    fragmentPath: '~/.config/systemd/user.control/web-stack.service',
    activeState: 'failed',
    result: 'exit-code',
    revision: 1,
    marker: 'shadow',
  });
  expect(units['duo-stack.service']).toMatchObject({
    fragmentPath: '%t/systemd/user.control/duo-stack.service',
    dropInPaths: [
      '~/.config/systemd/user/service.d/10-all.conf',
      '~/.config/systemd/user/duo-stack.service.d/50-drift.conf',
    ],
    activeState: 'active',
    marker: 'drop-in',
  });
});

test('a health timer without a running container is stray, and is named without ids', () => {
  expect(seen('drifted').strayTimers).toEqual(['CONTAINER-ID.timer']);
  expect(seen('calm').strayTimers).toEqual([]);
});

test('a mount whose container is gone is left over, one of a container that is there is not', () => {
  const calm = recorded('calm');
  const [{ id } = { id: '' }] = lookAt('calm').containers;
  const mounts = [id, 'c0ffee00'.repeat(8)].map(each => `overlay-containers/${each}/userdata/shm`).join('\n');
  const look = understood(calm.replace('\n@@ listing', `\n@@ mounts\n${mounts}\n\n@@ listing`), labOperator);
  expect(observed(look, null).seen.leftovers).toEqual(['mount of a container that is gone']);
});

test('while the manager is down there are no units, but containers as they are', () => {
  const down = seen('down');
  expect(down.manager).toBe('down');
  expect(down.units).toEqual({});
  expect(Object.keys(down.files)).toHaveLength(12);
  expect(Object.entries(down.containers).map(([name, { state, marker }]) => [name, state, marker])).toEqual([
    ['duo/api', 'exited', 'drop-in'],
    ['duo/db', 'exited', 'drop-in'],
    ['web/app', 'exited', 'declared'],
  ]);
});

test('an answer that breaks off, or is no JSON, is a sick machine and never an observation', () => {
  const calm = recorded('calm');
  const look = (text: string) => () => understood(text, labOperator);
  expect(look(calm.slice(0, calm.indexOf('@@ listing')))).toThrow(Sick);
  expect(look(calm.replace('\n{"Id":"', '\n{"Id:"'))).toThrow(Sick);
  expect(look(calm.replace('@@ containers', '@@ blind\n\n@@ containers'))).toThrow('podman does not say');
  expect(look('')).toThrow('broke off');
});

test.each([
  ['exited', 'created', '2026-11-25T04:45:39.141897024Z'],
  ['created', 'created', '0001-01-01T00:00:00Z'],
  ['exited', 'stopped', '2026-11-25T04:45:39.141897024Z'],
])('a container is %s that podman calls %s, started at %s', (state, Status, StartedAt) => {
  const inspected = {
    ...{ Id: 'a', Name: 'web_app_1', Created: '', Image: 'i', ImageName: 'probe:v1', IsInfra: false },
    ...{ State: { Status, StartedAt }, Config: { Env: null, Labels: null } },
  };
  const section = ['[]', '[]', '[]', '[]', JSON.stringify(inspected)].join('\n');
  expect(containersSeen(inspectionsIn(section), null).map(one => one.container.state)).toEqual([state]);
});
