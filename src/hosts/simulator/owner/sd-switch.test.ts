import { expect, test } from 'vitest';
import {
  bench,
  containerStates,
  duoUnit,
  editedFile,
  instances,
  unitIn,
  webUnit,
} from '../../../../tests/helpers/simulated-host.ts';

test('a unit whose text changed is restarted, others are left alone (facts.md F35, F36)', async () => {
  const host = await bench();
  expect((await host.change('web', 'app', { tag: 'v2' })).ok).toBe(true);
  const seen = await host.observe();
  expect(unitIn(seen)).toMatchObject({ revision: 2, restarted: true });
  expect(unitIn(seen, duoUnit).restarted).toBe(false);
  expect(seen.containers['web/app']).toMatchObject({ image: 'v2', tag: 'v2', instance: 2 });
});

test('a stopped wanted unit is started by the next activation, whatever changed (facts.md F36)', async () => {
  const host = await bench();
  await host.systemctl('stop', webUnit);
  await host.change('duo', 'api', { greeting: 'goodbye' });
  expect(unitIn(await host.observe()).activeState).toBe('active');
});

test('it compares generations and never what is loaded: a shadow keeps running (facts.md F34)', async () => {
  const host = await bench();
  await host.place('%t/systemd/user.control/web-stack.service', editedFile);
  await host.systemctl('daemon-reload');
  await host.systemctl('restart', webUnit);
  const claim = await host.change('duo', 'api', { greeting: 'goodbye' });
  expect(claim.message).toContain(`${webUnit}: FragmentPath is '/run/user/1500/systemd/user.control/${webUnit}'`);
  expect(unitIn(await host.observe())).toMatchObject({ marker: 'edited', restarted: true });
});

test('a stack that is declared no more is stopped before the reload, by its own definition', async () => {
  const host = await bench();
  const { duo: _, ...stacks } = host.changed('web', 'app', {}).stacks;
  expect((await host.rebuild({ revision: 3, stacks })).ok).toBe(true);
  const seen = await host.observe();
  expect(containerStates(seen)).toMatchObject({ 'duo/db': 'exited', 'duo/api': 'exited' });
  expect(Object.keys(seen.units)).not.toContain(duoUnit);
  expect(Object.keys(seen.files).filter(path => path.includes(duoUnit))).toEqual([]);
});

test('its removal leaves what is no link of a generation: a rogue unit (facts.md F29)', async () => {
  const host = await bench();
  await host.place('~/.config/systemd/user/duo-stack.service', editedFile);
  const { duo: _, ...stacks } = host.changed('web', 'app', {}).stacks;
  const claim = await host.rebuild({ revision: 3, stacks });
  expect(claim.ok).toBe(true);
  const seen = await host.observe();
  expect(seen.files['~/.config/systemd/user/duo-stack.service']?.kind).toBe('file');
  expect(instances(seen)).toEqual({ 'duo/api': 1, 'duo/db': 1, 'web/app': 1 });
});
