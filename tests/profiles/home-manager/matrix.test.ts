import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { outcome } from './sandbox.ts';

/*
 * What Home Manager does with whatever stands where a link of its should: measured on its own scripts at the homelab's
 * pin (facts.md B), and here asked of ours. A unit `w.service` of an old generation is linked, something drifts, a new
 * generation is checked and linked: without a backup extension, with one, and with the unit's path forced.
 *
 * An outcome reads: [refused by the check | failed while linking] unit wants-link [+ what lies beside] [: what is said].
 */
const table: readonly (readonly [situation: string, none: string, backup: string, force: string])[] = [
  ['clean', 'new new', 'new new', 'new new'],
  ['another file', 'refused file(drift) old: would be clobbered', 'new new +w.service.bak: will be moved', 'new new'],
  [
    'a file as the new unit',
    'file(unit bbb) new: will be skipped',
    'new new +w.service.bak: will be skipped',
    'file(unit bbb) new',
  ],
  ['a link elsewhere', 'refused link(x) old: would be clobbered', 'refused link(x) old: would be clobbered', 'new new'],
  ['a link elsewhere, same content', 'new new: will be skipped', 'new new: will be skipped', 'new new'],
  [
    'a link to the old unit in the store',
    'refused link(aaa-unit) old: would be clobbered',
    'refused link(aaa-unit) old: would be clobbered',
    'new new',
  ],
  ['a dangling link', 'new new', 'new new', 'new new'],
  ['a mask', 'refused link(null) old: would be clobbered', 'refused link(null) old: would be clobbered', 'new new'],
  ['nothing', 'new new', 'new new', 'new new'],
  [
    'a directory',
    'refused directory old: would be clobbered',
    'new new +w.service.bak: will be moved',
    'failed directory old: cannot overwrite directory',
  ],
  ['an empty file', 'refused file() old: would be clobbered', 'new new +w.service.bak: will be moved', 'new new'],
  [
    'a file as wants link',
    'refused old file(drift): would be clobbered',
    'new new: will be moved',
    'refused old file(drift): would be clobbered',
  ],
  [
    'a wants link by systemctl enable',
    'refused old link(aaa-unit): would be clobbered',
    'refused old link(aaa-unit): would be clobbered',
    'refused old link(aaa-unit): would be clobbered',
  ],
  [
    'another file, and its backup',
    'refused file(drift) old +w.service.bak: would be clobbered',
    'refused file(drift) old +w.service.bak: would be clobbered by backing up',
    'new new +w.service.bak',
  ],
  ['a drop-in', 'new new +w.service.d', 'new new +w.service.d', 'new new +w.service.d'],
  ['removed: clean', 'missing missing', 'missing missing', 'missing missing'],
  [
    'removed: another file',
    'file(drift) missing: does not link into',
    'file(drift) missing: does not link into',
    'file(drift) missing: does not link into',
  ],
  [
    'removed: a link elsewhere',
    'link(x) missing: does not link into',
    'link(x) missing: does not link into',
    'link(x) missing: does not link into',
  ],
];

/** The same for what was added later (facts.md F132), compared with the scripts of 2026-08-22. */
const later: readonly (readonly [situation: string, mode: string, expected: string])[] = [
  ['another file', 'overwrite', 'new new +w.service.bak: will be moved'],
  ['another file, and its backup', 'overwrite', 'new new +w.service.bak: will be overwritten'],
  ['a link elsewhere', 'overwrite', 'refused link(x) old: would be clobbered'],
  ['another file', 'command', 'new new'],
  ['another file, and its backup', 'command', 'new new +w.service.bak'],
  ['a file as the new unit', 'command', 'new new: will be skipped'],
  ['a directory', 'command', 'new new'],
  ['a mask', 'command', 'refused link(null) old: would be clobbered'],
  ['another file', 'command that fails', 'new new'],
];

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'matrix-')));
});
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  ...table.flatMap(([situation, none, backup, force]) => [
    [situation, 'none', none] as const,
    [situation, 'backup', backup] as const,
    [situation, 'force', force] as const,
  ]),
  ...later,
])('%s, %s: %s', (situation, mode, expected) => {
  const sandbox = join(root, `${situation}-${mode}`.replace(/\W+/g, '-'));
  expect(outcome(situation, mode, sandbox)).toBe(expected);
});
