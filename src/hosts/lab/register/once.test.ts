import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { locked } from './lock.ts';
import { madeOnce, sweepHalfMade } from './once.ts';

describe.skipIf(process.platform !== 'linux')('what is made once', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stackfuzz-once-'));
    return () => rmSync(folder, { recursive: true });
  });
  const once = () => ({ folder: join(folder, 'lab'), name: 'suite-1', key: 'suite', doing: 'makes it' });
  const shown = (): readonly string[] => readdirSync(join(folder, 'lab')).filter(name => !name.startsWith('.lock'));

  test('is made by one, found by the others, and complete as soon as its name exists', async () => {
    let made = 0;
    const make = async (scratch: string): Promise<void> => {
      made++;
      expect(shown()).toEqual([expect.stringMatching(/^\.making-suite-/)]);
      writeFileSync(join(scratch, 'file'), '');
    };
    const all = await Promise.all([1, 2, 3].map(() => madeOnce(once(), make)));
    expect([made, all.filter(({ isNew }) => isNew).length]).toEqual([1, 1]);
    expect(readdirSync(join(folder, 'lab/suite-1'))).toEqual(['file']);
    expect(shown()).toEqual(['suite-1']);
  });

  test('leaves nothing if making it fails, and is made in another folder the next time', async () => {
    const places: string[] = [];
    const failing = async (scratch: string): Promise<void> => {
      places.push(scratch);
      throw new Error('not this time');
    };
    for (const _ of [1, 2]) await expect(madeOnce(once(), failing)).rejects.toThrow('not this time');
    expect([shown(), places[0] === places[1]]).toEqual([[], false]);
  });

  test('leaves nothing of a killed run: the next run, or `clean`, removes it', async () => {
    for (const half of ['lab/.making-suite-abcdef/root', 'lab/.making-other-abcdef/root'])
      mkdirSync(join(folder, half), { recursive: true });
    await madeOnce(once(), async () => {});
    expect(shown()).toEqual(['.making-other-abcdef', 'suite-1']);
    await locked(join(folder, 'lab/.lock-other'), { doing: 'makes it' }, () => sweepHalfMade(join(folder, 'lab')));
    expect(shown()).toEqual(['.making-other-abcdef', 'suite-1']); // somebody is making it now
    await sweepHalfMade(join(folder, 'lab'));
    expect(shown()).toEqual(['suite-1']);
    expect(existsSync(join(folder, 'lab/suite-1'))).toBe(true);
  });
});
