import { describe, expect, test } from 'vitest';
import type { Placed, Verb } from '../../../../models/host.ts';
import { dropInPath, unitPath, wantsPath } from '../../../../models/machine/search-path.ts';
import { type Bench, bench, editedFile, ownedPath, unitIn, webUnit } from '../../../../tests/helpers/simulated-host.ts';

const wants = wantsPath('~/.config/systemd/user', 'web');

/*
 * What each verb did to what was at the place of the owner's link, typed before any reload on a lab machine with systemd 257:
 * its exit status, and what was then there and at the wants link. A dot means: as before.
 */
const table: readonly (readonly [Verb, Placed['kind'] | 'link', number, string, string])[] = [
  ['enable', 'link', 0, '.', '.'],
  ['enable', 'edited', 0, '.', ownedPath],
  ['enable', 'foreign', 0, '.', `~/drift/${webUnit}`],
  ['enable', 'mask', 1, '.', '.'],
  ['enable', 'empty', 1, '.', '.'],
  ['enable', 'dangling', 1, '.', '.'],
  ['enable', 'directory', 1, '.', '.'],
  ['enable', 'nothing', 1, '.', '.'],
  ['disable', 'link', 0, 'nothing', 'nothing'],
  ['disable', 'edited', 0, '.', 'nothing'],
  ['disable', 'foreign', 0, 'nothing', 'nothing'],
  ['disable', 'mask', 0, '.', '.'],
  ['disable', 'empty', 0, '.', '.'],
  ['disable', 'dangling', 0, 'nothing', 'nothing'],
  ['disable', 'directory', 1, '.', '.'],
  ['disable', 'nothing', 0, '.', 'nothing'],
  ['mask', 'link', 1, '.', '.'],
  ['mask', 'edited', 1, '.', '.'],
  ['mask', 'mask', 0, '.', '.'],
  ['mask', 'empty', 1, '.', '.'],
  ['mask', 'nothing', 0, '/dev/null', '.'],
  ['mask --force', 'link', 0, '/dev/null', '.'],
  ['mask --force', 'edited', 1, '.', '.'],
  ['mask --force', 'dangling', 0, '/dev/null', '.'],
  ['mask --runtime', 'link', 0, '.', '.'],
  ['unmask', 'link', 0, '.', '.'],
  ['unmask', 'mask', 0, 'nothing', '.'],
  ['unmask', 'empty', 0, 'nothing', '.'],
  ['revert', 'mask', 0, '.', '.'],
  ['revert', 'edited', 0, '.', '.'],
];

test.each(table)('%s, where %s stands: %i', async (verb, kind, status, unit, link) => {
  const host = await bench();
  if (kind !== 'link') await host.drift({ kind, marker: 'other' } as Placed);
  const before = shown(await host.observe());
  expect((await host.systemctl(verb, webUnit)).status).toBe(status);
  const seen = await host.observe();
  const [at, wanted] = shown(seen);
  expect([at, wanted]).toEqual([unit === '.' ? before[0] : unit, link === '.' ? before[1] : link]);
  if (status === 0) expect(unitIn(seen).needDaemonReload).toBe(false);
});

const shown = ({ files }: Awaited<ReturnType<Bench['observe']>>): readonly string[] =>
  [ownedPath, wants].map(path => {
    const file = files[path];
    if (file === undefined) return 'nothing';
    return file.kind === 'link' ? file.target : file.kind;
  });

test('a wants link that was lost is made anew, to the file in the store: no link of the owner’s (facts.md F31)', async () => {
  const host = await bench();
  await host.place(wants, { kind: 'nothing' });
  expect((await host.systemctl('enable', webUnit)).ok).toBe(true);
  expect((await host.observe()).files[wants]).toMatchObject({ kind: 'link', definition: { marker: 'declared' } });
  expect((await host.rebuild(host.changed('web', 'app', { greeting: 'goodbye' }))).message).toContain(
    'would be clobbered',
  );
});

describe('what asks for a unit in memory', () => {
  test('reset-failed: a failed unit is inactive; one that nobody remembers is an error', async () => {
    const host = await bench();
    await host.systemctl('stop', webUnit);
    await host.secret('web', 'missing');
    await host.systemctl('start', webUnit);
    expect((await host.systemctl('reset-failed', webUnit)).status).toBe(0);
    expect(unitIn(await host.observe())).toMatchObject({ activeState: 'inactive', result: 'success' });
    await host.place(wants, { kind: 'nothing' });
    await host.systemctl('daemon-reload');
    expect((await host.systemctl('reset-failed', webUnit)).message).toContain('not loaded');
    expect((await host.systemctl('kill', webUnit)).message).toContain('not loaded');
  });

  test('reload has nothing to do, and says so; try-restart of what does not run does nothing', async () => {
    const host = await bench();
    expect((await host.systemctl('reload', webUnit)).status).toBe(3);
    await host.systemctl('stop', webUnit);
    expect((await host.systemctl('try-restart', webUnit)).status).toBe(0);
    expect(unitIn(await host.observe()).activeState).toBe('inactive');
  });
});

describe('drop-ins by systemctl', () => {
  const control = dropInPath('~/.config/systemd/user.control', 'web', 'unit', '50-CPUWeight');
  const override = dropInPath('~/.config/systemd/user', 'web', 'unit', 'override');

  test('edit adds one and reloads, set-property adds one and need not; revert removes both (facts.md F15)', async () => {
    const host = await bench();
    await host.systemctl('edit', webUnit);
    await host.systemctl('set-property', webUnit);
    expect(unitIn(await host.observe())).toMatchObject({ dropInPaths: [control, override], marker: 'edited' });
    await host.systemctl('daemon-reload');
    expect(unitIn(await host.observe()).dropInPaths).toEqual([control, override]);
    await host.systemctl('revert', webUnit);
    expect(unitIn(await host.observe())).toMatchObject({ dropInPaths: [], marker: 'declared' });
  });

  test.each(['/usr/lib/systemd/user', '/usr/local/share/systemd/user'] as const)(
    'revert takes the operator’s unit files away where a package brings the unit in %s',
    async directory => {
      const host = await bench();
      await host.place(unitPath('%t/systemd/user', 'web'), editedFile);
      await host.place(unitPath(directory, 'web'), { kind: 'edited', marker: 'shadow' });
      await host.systemctl('revert', webUnit);
      const { files } = await host.observe();
      expect(Object.keys(files).filter(path => path.endsWith(`/${webUnit}`) && !path.includes('.wants/'))).toEqual([
        unitPath(directory, 'web'),
      ]);
    },
  );

  test('those of a prefix and of the type count too, and no revert removes them (facts.md F6)', async () => {
    const host = await bench();
    const prefix = dropInPath('~/.config/systemd/user', 'web', 'prefix', '10-prefix');
    const type = dropInPath('~/.config/systemd/user', 'web', 'type');
    await host.place(type, { kind: 'drop-in', marker: 'type' });
    await host.place(prefix, { kind: 'drop-in', marker: 'prefix' });
    await host.systemctl('revert', webUnit);
    const seen = await host.observe();
    expect(unitIn(seen)).toMatchObject({ dropInPaths: [prefix, type], marker: 'type' });
    expect(unitIn(seen, 'duo-stack.service')).toMatchObject({ dropInPaths: [type], marker: 'type' });
  });

  test('neither is possible for a unit that is masked or gone', async () => {
    const host = await bench();
    await host.drift({ kind: 'mask' });
    await host.systemctl('daemon-reload');
    expect((await host.systemctl('edit', webUnit)).message).toContain('is masked');
    expect((await host.systemctl('set-property', webUnit)).message).toContain('is masked');
    await host.drift({ kind: 'nothing' });
    await host.systemctl('daemon-reload');
    expect((await host.systemctl('edit', webUnit)).message).toContain('No files found');
    expect((await host.systemctl('set-property', webUnit)).message).toContain('not found');
  });
});

test('a mask below the owner’s unit masks nothing (facts.md F5)', async () => {
  const host = await bench();
  await host.systemctl('mask --runtime', webUnit);
  const seen = await host.observe();
  expect(seen.files[unitPath('%t/systemd/user', 'web')]).toMatchObject({ kind: 'link', target: '/dev/null' });
  expect((await host.systemctl('restart', webUnit)).ok).toBe(true);
});
