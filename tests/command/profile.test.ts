import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFolder, typed } from '../helpers/command.ts';

/** A folder with a profile of one's own. */
function withProfile(yaml: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'mine'));
  for (const [path, text] of Object.entries({ 'profile.yaml': yaml, ...files }))
    writeFileSync(join(folder, 'mine', path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  return folder;
}

describe('stackfuzz profile check', () => {
  test('says what a profile would do, and what is taken over', async () => {
    const folder = withProfile('extends: home-manager\nabout: mine alone\n', { rollback: '#!/bin/bash\nexit 0\n' });
    const { status, out } = await typed(['profile', 'check', './mine'], folder);
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('mine: mine alone\n') });
    expect(out).toContain('as root, to rebuild:   ./rebuild');
    expect(out).toMatch(/^From .*home-manager: .*rebuild/m);
    expect(out).toContain('Simulator: does not imitate it');
  });

  test('a mistake in it ends with 3', async () => {
    const { status, err } = await typed(['profile', 'check', './mine'], withProfile('extends: ../mine\n'));
    expect({ status, err }).toEqual({ status: 3, err: expect.stringContaining('mine/profile.yaml:1: expected') });
  });

  test('so does a script that shellcheck calls wrong, or it says what is missing', async () => {
    const folder = withProfile('extends: home-manager\n', { rollback: '#!/bin/bash\nif true; then\n' });
    const { status, out } = await typed(['profile', 'check', './mine'], folder);
    if (out.includes('for want of shellcheck')) return expect(status).toBe(0);
    expect({ status, out }).toEqual({ status: 3, out: expect.stringMatching(/mine\/rollback:\d+: /) });
  });
});

describe('a profile that imitates another one', () => {
  const fuzz = [
    'fuzz',
    '--host',
    'simulator',
    '--profile',
    './mine',
    '--schedule',
    'walks',
    '--runs',
    '2',
    '--seed',
    '3',
  ];

  test('runs on the simulator, which says what that is worth', async () => {
    const folder = withProfile('extends: hardened\nimitates: hardened\n');
    const { status, err, out } = await typed(fuzz, folder);
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining(' in 2 runs') });
    expect(err).toContain("Profile mine imitates hardened: the simulator does what hardened does with mine's stacks");
    const explored = await typed(['explore', '--depth', '1', '--profile', './mine', '--operations', 'stop'], folder);
    expect(explored).toMatchObject({ status: 0, err: expect.stringContaining('Profile mine imitates hardened') });
  });

  test('and one that differs in what the simulator knows it by does not', async () => {
    const folder = withProfile('extends: nixos-etc\nimitates: home-manager\n');
    expect(await typed(fuzz, folder)).toMatchObject({
      status: 3,
      err: expect.stringContaining('expected owner: ~/.config/systemd/user, as home-manager has it'),
    });
  });

  test('nor does one that says nothing', async () => {
    expect(await typed(fuzz, withProfile('extends: home-manager\n'))).toMatchObject({
      status: 3,
      err: expect.stringContaining('or one that says `imitates`'),
    });
  });
});
