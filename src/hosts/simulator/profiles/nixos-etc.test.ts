import { expect, test } from 'vitest';
import { homelab } from '../../../../models/homelab.ts';
import { edited } from '../../../../models/machine/declaration.ts';
import { unitPath, wantsPath } from '../../../../models/machine/search-path.ts';
import { containerStates, editedFile, unitIn, webUnit } from '../../../../tests/helpers/simulated-host.ts';
import { createSimulator } from '../index.ts';

const owner = '/etc/systemd/user';
const setup = { ...homelab, owner } as const;
const changed = edited(setup.declaration, 'web', services => ({
  app: { ...services.app, greeting: 'goodbye' } as NonNullable<typeof services.app>,
}));

async function bench() {
  const host = createSimulator({ setup, provider: 'docker-compose', profile: 'nixos-etc' });
  await host.reset();
  return host;
}

test('a reset ends with everything running, each unit from /etc', async () => {
  const seen = await (await bench()).observe();
  expect(unitIn(seen)).toMatchObject({ fragmentPath: unitPath(owner, 'web'), activeState: 'active', restarted: false });
  expect(seen.files[wantsPath(owner, 'web')]).toMatchObject({ kind: 'generation', revision: 1 });
  expect(new Set(Object.values(containerStates(seen)))).toEqual(new Set(['running']));
});

test('a rebuild loads the new unit and restarts nothing (facts.md F40)', async () => {
  const host = await bench();
  expect((await host.rebuild(changed)).ok).toBe(true);
  const seen = await host.observe();
  expect(seen.generation).toEqual({ profile: 2, home: 2 });
  expect(unitIn(seen)).toMatchObject({ revision: 2, restarted: false });
  expect(seen.containers['web/app']?.greeting).toBe('hello');
  await host.systemctl('restart', webUnit);
  expect((await host.observe()).containers['web/app']?.greeting).toBe('goodbye');
});

test('whatever stands in its way is replaced without a word, but for a directory', async () => {
  const host = await bench();
  await host.place(unitPath(owner, 'web'), editedFile);
  await host.place(unitPath(owner, 'duo'), { kind: 'directory' });
  expect((await host.rebuild(changed)).ok).toBe(true);
  const { files } = await host.observe();
  expect(files[unitPath(owner, 'web')]).toMatchObject({ kind: 'generation', revision: 2 });
  expect(files[unitPath(owner, 'duo')]).toEqual({ kind: 'directory' });
});

test('a stack that is declared no more loses its unit and runs on; success is claimed while the manager is down', async () => {
  const host = await bench();
  const { web: only } = changed.stacks;
  await host.rebuild({ revision: 2, stacks: { web: only as NonNullable<typeof only> } });
  const seen = await host.observe();
  expect(unitIn(seen, 'duo-stack.service')).toMatchObject({ loadState: 'not-found', activeState: 'active' });
  expect(containerStates(seen)['duo/db']).toBe('running');
  await host.manager('stop');
  expect((await host.rebuild(setup.declaration)).ok).toBe(true);
});

test('systemctl enable links the unit where verbs write: from then on the copy shadows the owner’s', async () => {
  const host = await bench();
  expect((await host.systemctl('enable', webUnit)).ok).toBe(true);
  expect(unitIn(await host.observe()).fragmentPath).toBe(unitPath('~/.config/systemd/user', 'web'));
  await host.rebuild(changed);
  expect(unitIn(await host.observe())).toMatchObject({
    fragmentPath: unitPath('~/.config/systemd/user', 'web'),
    revision: 1,
  });
});
