import { describe, expect, test } from 'vitest';
import type { Placed } from '../../../../models/host.ts';
import { dropInPath, wantsPath } from '../../../../models/machine/search-path.ts';
import type { OnDisk } from '../../../../models/observation.ts';
import { bench, editedFile, ownedPath, unitIn, webUnit } from '../../../../tests/helpers/simulated-host.ts';

const wants = wantsPath('~/.config/systemd/user', 'web');
const fresh: OnDisk = { kind: 'generation', revision: 2, definition: { revision: 2, marker: 'declared' } };

describe('what is in the way of a changed generation (matrix.test.ts, the column "none"; facts.md F26)', () => {
  test.each<[Placed['kind'], OnDisk['kind']]>([
    ['edited', 'file'],
    ['foreign', 'link'],
    ['mask', 'link'],
    ['empty', 'file'],
    ['directory', 'directory'],
  ])('%s is refused, and nothing is linked', async (kind, left) => {
    const host = await bench();
    await host.drift({ kind, marker: 'other' } as Placed);
    const claim = await host.change('web', 'app', { greeting: 'goodbye' });
    expect(claim).toMatchObject({ ok: false, status: 4 });
    expect(claim.message).toContain(`'/home/homelab/.config/systemd/user/${webUnit}' would be clobbered`);
    const seen = await host.observe();
    expect(seen.files[ownedPath]?.kind).toBe(left);
    expect(seen.files[wants]).toMatchObject({ kind: 'generation', revision: 1 });
    expect(seen.generation).toEqual({ profile: 2, home: 1 });
  });

  test.each<Placed['kind']>(['dangling', 'nothing'])('%s is replaced silently', async kind => {
    const host = await bench();
    await host.drift({ kind } as Placed);
    expect((await host.change('web', 'app', { greeting: 'goodbye' })).ok).toBe(true);
    expect((await host.observe()).files[ownedPath]).toEqual(fresh);
  });

  test('a stale link is replaced silently: it is a link of Home Manager’s', async () => {
    const host = await bench();
    await host.change('web', 'app', { greeting: 'goodbye' });
    await host.drift({ kind: 'stale' });
    expect((await host.observe()).files[ownedPath]).toMatchObject({ kind: 'generation', revision: 1 });
    expect((await host.change('duo', 'db', { greeting: 'goodbye' })).ok).toBe(true);
    expect((await host.observe()).files[ownedPath]).toMatchObject({ kind: 'generation', revision: 3 });
  });

  test('a regular file with the same content stays one (facts.md F27)', async () => {
    const host = await bench();
    await host.drift({ kind: 'identical' });
    expect((await host.change('duo', 'db', { greeting: 'goodbye' })).ok).toBe(true);
    expect((await host.observe()).files[ownedPath]).toEqual({
      kind: 'file',
      definition: { revision: 1, marker: 'declared' },
    });
  });

  test('a wants link of somebody else’s is refused', async () => {
    const host = await bench();
    await host.place(wants, editedFile);
    const claim = await host.change('web', 'app', { greeting: 'goodbye' });
    expect(claim.message).toContain(`default.target.wants/${webUnit}' would be clobbered`);
  });

  test('drop-ins are never noticed (facts.md F30)', async () => {
    const host = await bench();
    await host.place(dropInPath('~/.config/systemd/user', 'web'), { kind: 'drop-in', marker: 'other' });
    expect((await host.change('web', 'app', { greeting: 'goodbye' })).ok).toBe(true);
    const seen = await host.observe();
    expect(unitIn(seen)).toMatchObject({ marker: 'other', revision: 2 });
    expect(seen.containers['web/app']?.marker).toBe('other');
  });
});

test('what fails after the links stand leaves them, and current-home as it was (facts.md F25)', async () => {
  const host = await bench();
  await host.secret('web', 'missing');
  const claim = await host.change('web', 'app', { greeting: 'goodbye' });
  expect(claim).toMatchObject({ ok: false, status: 4 });
  const seen = await host.observe();
  expect(seen.files[ownedPath]).toEqual(fresh);
  expect(seen.generation).toEqual({ profile: 2, home: 1 });
  expect(unitIn(seen).activeState).toBe('failed');
});

test('without a manager it skips the reload, and the homelab’s assertion fails (facts.md F32; defects.md D21)', async () => {
  const host = await bench();
  await host.manager('stop');
  const claim = await host.change('web', 'app', { greeting: 'goodbye' });
  expect(claim.ok).toBe(false);
  expect(claim.message).toContain('User systemd daemon not running. Skipping reload.');
  const seen = await host.observe();
  expect(seen.files[ownedPath]).toEqual(fresh);
  expect(seen.generation).toEqual({ profile: 2, home: 1 });
});
