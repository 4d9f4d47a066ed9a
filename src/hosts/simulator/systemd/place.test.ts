import { expect, test } from 'vitest';
import { Sick, Unable } from '../../../../models/host.ts';
import { dropInPath, unitPath } from '../../../../models/machine/search-path.ts';
import { bench, editedFile, ownedPath, webUnit } from '../../../../tests/helpers/simulated-host.ts';

test('an edited unit is the one declared now, under another marker', async () => {
  const host = await bench();
  await host.change('web', 'app', { greeting: 'goodbye' });
  await host.drift(editedFile);
  expect((await host.observe()).files[ownedPath]).toEqual({
    kind: 'file',
    definition: { revision: 2, marker: 'edited' },
  });
});

test('two foreign links lead to one file: the later marker is what both show', async () => {
  const host = await bench();
  await host.drift({ kind: 'foreign', marker: 'one' });
  await host.place(unitPath('/etc/systemd/user', 'web'), { kind: 'foreign', marker: 'two' });
  const { files } = await host.observe();
  expect(files[ownedPath]).toEqual(files[unitPath('/etc/systemd/user', 'web')]);
  expect(files[ownedPath]).toMatchObject({ definition: { marker: 'two' } });
});

test('what cannot be is no claim: no older generation, a path or a secret that is not there', async () => {
  const host = await bench();
  await expect(host.drift({ kind: 'stale' })).rejects.toThrow(Sick);
  await expect(host.place(`/opt/systemd/user/${webUnit}`, editedFile)).rejects.toThrow(Unable);
  await expect(host.secret('web-extra', 'missing')).rejects.toThrow(Sick);
  await expect(host.publish('stable', 'v9')).rejects.toThrow(Sick);
});

test('a drop-in says its marker and no revision', async () => {
  const host = await bench();
  const path = dropInPath('/etc/systemd/user', 'web');
  await host.place(path, { kind: 'drop-in', marker: 'other' });
  expect((await host.observe()).files[path]).toEqual({ kind: 'file', definition: { revision: null, marker: 'other' } });
});
