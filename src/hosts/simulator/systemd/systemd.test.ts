import { expect, test } from 'vitest';
import { dropInPath, unitPath, wantsPath } from '../../../../models/machine/search-path.ts';
import {
  bench,
  containerStates,
  duoUnit,
  editedFile,
  ownedPath,
  unitIn,
  webUnit,
} from '../../../../tests/helpers/simulated-host.ts';

const nothing = { kind: 'nothing' } as const;

test('a reload starts nothing and keeps what is active (facts.md F14)', async () => {
  const host = await bench();
  await host.drift(editedFile);
  await host.systemctl('daemon-reload');
  const seen = await host.observe();
  expect(unitIn(seen)).toMatchObject({ activeState: 'active', marker: 'edited', restarted: false });
  expect(seen.containers['web/app']?.marker).toBe('declared');
});

test('before a reload restart runs the definition in memory, whatever the disk says (facts-debian13 F82)', async () => {
  const host = await bench();
  for (const what of [editedFile, { kind: 'mask' }, { kind: 'dangling' }, nothing] as const) {
    await host.drift(what);
    const claim = await host.systemctl('restart', webUnit);
    expect(claim.ok).toBe(true);
    expect(claim.message).toContain('changed on disk');
    expect((await host.observe()).containers['web/app']).toMatchObject({ marker: 'declared', restarted: true });
  }
});

test('a unit deleted while active: restart finds none, stop runs no ExecStop (facts.md F14)', async () => {
  const host = await bench();
  await host.drift(nothing);
  await host.systemctl('daemon-reload');
  expect(unitIn(await host.observe())).toMatchObject({ loadState: 'not-found', activeState: 'active' });
  expect(await host.systemctl('restart', webUnit)).toMatchObject({ ok: false, status: 5 });
  expect((await host.systemctl('stop', webUnit)).ok).toBe(true);
  const seen = await host.observe();
  expect(Object.keys(seen.units)).not.toContain(webUnit);
  expect(containerStates(seen)['web/app']).toBe('running');
});

test('with podman-compose the conmons stand in the unit and end with it (facts-debian13 F74)', async () => {
  const host = await bench('podman-compose');
  await host.drift(nothing);
  await host.systemctl('daemon-reload');
  await host.systemctl('stop', webUnit);
  expect(containerStates(await host.observe())['web/app']).toBe('exited');
});

test('a file that comes back to a unit that was not found while active: error until the next reload', async () => {
  const host = await bench();
  await host.drift(nothing);
  await host.systemctl('daemon-reload');
  await host.observe();
  await host.drift(editedFile);
  expect(unitIn(await host.observe())).toMatchObject({ loadState: 'error', activeState: 'active', marker: 'edited' });
  const refused = await host.systemctl('restart', webUnit);
  expect(refused).toMatchObject({ ok: false, status: 1 });
  expect(refused.message).toContain('Device or resource busy');
  await host.systemctl('daemon-reload');
  expect(unitIn(await host.observe()).loadState).toBe('loaded');
});

test('a unit that was not found is not looked for again for a file in user.control', async () => {
  const host = await bench();
  await host.drift(nothing);
  await host.systemctl('daemon-reload');
  await host.observe();
  await host.place(unitPath('%t/systemd/user.control', 'web'), editedFile);
  expect(unitIn(await host.observe()).loadState).toBe('not-found');
  await host.place(dropInPath('~/.local/share/systemd/user', 'duo'), { kind: 'drop-in', marker: 'x' });
  expect(unitIn(await host.observe()).loadState).toBe('error');
});

test('a mask: start and restart fail, stop does not (facts.md F4)', async () => {
  const host = await bench();
  await host.drift({ kind: 'mask' });
  await host.systemctl('daemon-reload');
  expect(unitIn(await host.observe())).toMatchObject({
    loadState: 'masked',
    unitFileState: 'masked',
    fragmentPath: ownedPath,
  });
  for (const verb of ['start', 'restart'] as const) {
    const claim = await host.systemctl(verb, webUnit);
    expect(claim.status).toBe(1);
    expect(claim.message).toContain('is masked');
  }
  expect((await host.systemctl('stop', webUnit)).ok).toBe(true);
});

test('start while active runs nothing (facts.md F17)', async () => {
  const host = await bench();
  await host.container('stop', 'duo', 'api');
  expect((await host.systemctl('start', duoUnit)).ok).toBe(true);
  const seen = await host.observe();
  expect(unitIn(seen, duoUnit).restarted).toBe(false);
  expect(containerStates(seen)['duo/api']).toBe('exited');
});

test('a missing secret fails the unit, with its containers stopped before (facts.md F17)', async () => {
  const host = await bench();
  await host.secret('web', 'missing');
  expect(await host.systemctl('restart', webUnit)).toMatchObject({ ok: false, status: 1 });
  const seen = await host.observe();
  expect(unitIn(seen)).toMatchObject({
    activeState: 'failed',
    subState: 'failed',
    result: 'exit-code',
    restarted: false,
  });
  expect(containerStates(seen)['web/app']).toBe('exited');
  expect(await host.evidence()).toContain('required secret /home/homelab/secrets/web.env is missing');
  expect((await host.systemctl('stop', webUnit)).ok).toBe(true);
  expect(unitIn(await host.observe()).activeState).toBe('failed');
  await host.secret('web', 'present');
  expect((await host.systemctl('start', webUnit)).ok).toBe(true);
  expect(unitIn(await host.observe())).toMatchObject({ activeState: 'active', result: 'success', restarted: true });
});

test('one that nothing wants is forgotten once it stops, and read anew by whoever asks', async () => {
  const host = await bench();
  await host.place(wantsPath('~/.config/systemd/user', 'web'), nothing);
  await host.systemctl('daemon-reload');
  await host.systemctl('stop', webUnit);
  await host.drift(editedFile);
  expect(unitIn(await host.observe())).toMatchObject({ marker: 'edited', needDaemonReload: false, restarted: false });
});

test('nobody to talk to while the manager is down (facts.md F19)', async () => {
  const host = await bench();
  await host.manager('stop');
  for (const verb of ['start', 'stop', 'restart', 'daemon-reload'] as const) {
    expect(await host.systemctl(verb, webUnit)).toMatchObject({ ok: false, status: 1 });
  }
});

test('an unknown unit: start and stop end with 5 (facts.md F10)', async () => {
  const host = await bench();
  for (const verb of ['start', 'stop', 'restart'] as const) {
    expect((await host.systemctl(verb, 'gone-stack.service')).status).toBe(5);
  }
  expect((await host.observe()).units['gone-stack.service']).toBeUndefined();
});
