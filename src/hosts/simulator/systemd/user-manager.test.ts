import { expect, test } from 'vitest';
import { unitPath, wantsPath } from '../../../../models/machine/search-path.ts';
import {
  bench,
  containerStates,
  duoUnit,
  editedFile,
  ownedPath,
  unitIn,
} from '../../../../tests/helpers/simulated-host.ts';

test('its stop ends every container and forgets every unit; ids and health stay (facts.md F21; facts-debian13 F88)', async () => {
  const host = await bench();
  expect((await host.manager('stop')).ok).toBe(true);
  const seen = await host.observe();
  expect(seen).toMatchObject({ manager: 'down', units: {} });
  expect(new Set(Object.values(containerStates(seen)))).toEqual(new Set(['exited']));
  expect(seen.containers['web/app']).toMatchObject({ health: 'healthy', instance: 1, restarted: false });
});

test('its start reads everything anew and starts what is wanted, in the same containers (facts-debian13 F89)', async () => {
  const host = await bench();
  await host.place(wantsPath('~/.config/systemd/user', 'duo'), { kind: 'nothing' });
  await host.manager('stop');
  await host.drift(editedFile);
  await host.observe();
  expect((await host.manager('start')).ok).toBe(true);
  const seen = await host.observe();
  expect(unitIn(seen)).toMatchObject({ activeState: 'active', marker: 'edited', restarted: true });
  expect(unitIn(seen, duoUnit)).toMatchObject({ activeState: 'inactive', restarted: false });
  expect(containerStates(seen)).toEqual({ 'duo/api': 'exited', 'duo/db': 'exited', 'web/app': 'running' });
});

test('its start says nothing of a unit that failed (facts.md F20)', async () => {
  const host = await bench();
  await host.manager('stop');
  await host.secret('web', 'missing');
  expect((await host.manager('start')).ok).toBe(true);
  expect(unitIn(await host.observe())).toMatchObject({ activeState: 'failed', result: 'exit-code', restarted: false });
});

test('its start clears the transient directory, and no other below %t', async () => {
  const host = await bench();
  const [gone, kept] = [unitPath('%t/systemd/transient', 'web'), unitPath('%t/systemd/user.control', 'duo')];
  await host.place(gone, editedFile);
  await host.place(kept, editedFile);
  await host.manager('stop');
  expect(Object.keys((await host.observe()).files)).toContain(gone);
  await host.manager('start');
  const seen = await host.observe();
  expect(Object.keys(seen.files)).not.toContain(gone);
  expect(unitIn(seen).fragmentPath).toBe(ownedPath);
  expect(unitIn(seen, duoUnit).fragmentPath).toBe(kept);
});

test('stopping and starting twice is nothing more', async () => {
  const host = await bench();
  for (const action of ['start', 'start', 'stop', 'stop'] as const) expect((await host.manager(action)).ok).toBe(true);
});

test.each(['dangling', 'mask', 'empty'] as const)(
  'without default.target it ends at once: %s (facts.md F210)',
  async kind => {
    const host = await bench();
    await host.place('~/.config/systemd/user/default.target', { kind });
    expect((await host.systemctl('restart', duoUnit)).ok).toBe(true);
    await host.manager('stop');
    expect(await host.manager('start')).toMatchObject({ ok: false, status: 1 });
    expect(await host.machine('reboot')).toMatchObject({ ok: true });
    expect(await host.observe()).toMatchObject({ manager: 'down', units: {} });
    await host.place('~/.config/systemd/user/default.target', { kind: 'nothing' });
    expect((await host.manager('start')).ok).toBe(true);
    expect(unitIn(await host.observe()).activeState).toBe('active');
  },
);

test('what basic.target wants starts with it, whatever default.target wants (facts.md F212)', async () => {
  const host = await bench();
  await host.systemctl('add-wants', duoUnit);
  await host.place(wantsPath('~/.config/systemd/user', 'duo'), { kind: 'nothing' });
  await host.manager('stop');
  await host.manager('start');
  expect(unitIn(await host.observe(), duoUnit).activeState).toBe('active');
  await host.systemctl('disable', duoUnit);
  expect(Object.keys((await host.observe()).files).filter(path => path.includes('duo'))).toEqual([]);
});
