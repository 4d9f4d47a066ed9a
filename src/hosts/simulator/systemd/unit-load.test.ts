import { describe, expect, test } from 'vitest';
import { dropInPath, searchPath, unitPath } from '../../../../models/machine/search-path.ts';
import { bench, editedFile, ownedPath, unitIn, webUnit } from '../../../../tests/helpers/simulated-host.ts';

const rank = searchPath.indexOf('~/.config/systemd/user');

describe('a copy elsewhere', () => {
  test.each(searchPath.slice(0, rank))('in %s takes the unit over (facts.md F2)', async directory => {
    const host = await bench();
    await host.place(unitPath(directory, 'web'), editedFile);
    // NeedDaemonReload does not see this (facts-debian13 F81).
    expect(unitIn(await host.observe()).needDaemonReload).toBe(false);
    await host.systemctl('daemon-reload');
    const unit = unitIn(await host.observe());
    expect(unit).toMatchObject({ fragmentPath: unitPath(directory, 'web'), marker: 'edited' });
  });

  test.each(searchPath.slice(rank + 1))('in %s stays below the owner’s (facts.md F1)', async directory => {
    const host = await bench();
    await host.place(unitPath(directory, 'web'), editedFile);
    await host.systemctl('daemon-reload');
    expect(unitIn(await host.observe())).toMatchObject({ fragmentPath: ownedPath, marker: 'declared' });
  });
});

describe('drop-ins', () => {
  test.each(searchPath)(
    'in %s: noticed at once, loaded by a reload (facts.md F6; facts-debian13 F81)',
    async directory => {
      const host = await bench();
      const path = dropInPath(directory, 'web');
      await host.place(path, { kind: 'drop-in', marker: 'other' });
      expect(unitIn(await host.observe())).toMatchObject({
        needDaemonReload: true,
        dropInPaths: [],
        marker: 'declared',
      });
      await host.systemctl('daemon-reload');
      expect(unitIn(await host.observe())).toMatchObject({
        needDaemonReload: false,
        dropInPaths: [path],
        marker: 'other',
        revision: 1,
      });
      await host.place(path, { kind: 'nothing' });
      expect(unitIn(await host.observe()).needDaemonReload).toBe(true);
    },
  );

  test('of the same name: the strongest counts, the others vanish (facts.md F6)', async () => {
    const host = await bench();
    const [strong, weak] = [dropInPath('%t/systemd/user.control', 'web'), dropInPath('/etc/systemd/user', 'web')];
    await host.place(weak, { kind: 'drop-in', marker: 'weak' });
    await host.place(strong, { kind: 'drop-in', marker: 'strong' });
    await host.systemctl('daemon-reload');
    expect(unitIn(await host.observe())).toMatchObject({ dropInPaths: [strong], marker: 'strong' });
    await host.place(strong, { kind: 'mask' });
    await host.systemctl('daemon-reload');
    expect(unitIn(await host.observe())).toMatchObject({ dropInPaths: [strong], marker: 'declared' });
  });
});

describe('NeedDaemonReload goes by times (facts.md F11, F12; facts-debian13 F81)', () => {
  test.each([
    ['edited', true],
    ['foreign', true],
    ['identical', true],
    ['empty', true],
    ['mask', true],
    ['dangling', true],
    ['directory', true],
    ['nothing', true],
  ] as const)('the owner’s link becomes %s: %s', async (kind, expected) => {
    const host = await bench();
    await host.drift({ kind, marker: 'other' } as never);
    expect(unitIn(await host.observe()).needDaemonReload).toBe(expected);
  });

  test('from one store path to another, and from a file to a store path: no', async () => {
    const host = await bench();
    await host.change('web', 'app', { greeting: 'goodbye' });
    await host.drift({ kind: 'stale' });
    expect(unitIn(await host.observe())).toMatchObject({ needDaemonReload: false, revision: 2 });
    expect((await host.systemctl('restart', webUnit)).message).toBe('');
    await host.drift(editedFile);
    await host.systemctl('daemon-reload');
    await host.drift({ kind: 'stale' });
    expect(unitIn(await host.observe())).toMatchObject({ needDaemonReload: false, marker: 'edited' });
  });
});
