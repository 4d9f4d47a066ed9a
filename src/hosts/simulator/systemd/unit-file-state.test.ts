import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Placed } from '../../../../models/host.ts';
import { searchPath, unitPath, wantsPath } from '../../../../models/machine/search-path.ts';
import { bench, ownedPath, unitIn } from '../../../../tests/helpers/simulated-host.ts';

const table = readFileSync(new URL('../../../../tests/fixtures/unit-file-state.txt', import.meta.url), 'utf8');
const rows = table.split('\n').filter(line => line !== '' && !line.startsWith('#'));
const config = '~/.config/systemd/user';

const placed = (kind: string): Placed => ({ kind, marker: 'other' }) as Placed;

describe('UnitFileState and LoadState are those that a machine printed (facts.md F4, F7, F9)', () => {
  test.each(rows)('%s', async row => {
    const [owner, path, kind = '', load, without, configured, same] = row.split(/\s+/);
    const directory = searchPath.find(one => one === path);
    if (directory === undefined) throw new Error(`no directory ${path}`);
    const links = [
      [null, without],
      [config, configured],
      [directory, same],
    ] as const;
    for (const [linked, expected] of links) {
      if (linked === directory && directory === config) continue;
      const host = await bench();
      await host.place(wantsPath(config, 'web'), { kind: 'nothing' });
      if (owner !== 'owner') await host.place(ownedPath, { kind: 'nothing' });
      // The machine had a link of the same name where a generation's link would be; any link will do.
      if (linked !== null) await host.place(wantsPath(linked, 'web'), { kind: 'dangling' });
      await host.place(unitPath(directory, 'web'), placed(kind));
      await host.systemctl('daemon-reload');
      const unit = unitIn(await host.observe());
      expect([linked, unit.loadState, unit.unitFileState || '-']).toEqual([linked, load, expected]);
    }
  });
});

test('is read at the first look after a reload, then kept (facts-debian13 F83)', async () => {
  const host = await bench();
  await host.place(wantsPath(config, 'web'), { kind: 'nothing' });
  expect(unitIn(await host.observe()).unitFileState).toBe('enabled');
  await host.systemctl('daemon-reload');
  expect(unitIn(await host.observe()).unitFileState).toBe('linked');
});

test.each(['dangling', 'directory'])('a %s where a drop-in should be makes it bad', async kind => {
  const host = await bench();
  await host.place(`${ownedPath}.d/50-drift.conf`, placed(kind));
  await host.systemctl('daemon-reload');
  expect(unitIn(await host.observe())).toMatchObject({ unitFileState: 'bad', needDaemonReload: true });
});
