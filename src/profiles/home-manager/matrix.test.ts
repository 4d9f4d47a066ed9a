import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

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

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'matrix-')));
});
afterAll(() => rmSync(root, { recursive: true }));

const units = '.config/systemd/user';
const phrases = [
  'would be clobbered by backing up',
  'would be clobbered',
  'will be moved',
  'will be skipped',
  'does not link into',
  'cannot overwrite directory',
];

/** A generation's tree of links in a store of the sandbox's own; an empty one has no unit. */
function generation(store: string, hash: string, hasUnit: boolean): string {
  const tree = join(store, `${hash}-home-manager-files`);
  const source = join(store, `${hash}-unit`, 'w.service');
  put(source, `unit ${hash}`);
  put(join(tree, '.config/other'), hash);
  if (!hasUnit) return tree;
  mkdirSync(join(tree, units, 'default.target.wants'), { recursive: true });
  symlinkSync(source, join(tree, units, 'w.service'));
  symlinkSync(source, join(tree, units, 'default.target.wants/w.service'));
  return tree;
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** What drifts: each changes the unit's path, its wants link, or what lies beside. */
function drift(situation: string, home: string, store: string): void {
  const unit = join(home, units, 'w.service');
  const wants = join(home, units, 'default.target.wants/w.service');
  const replace = (path: string, make: (path: string) => void) => {
    rmSync(path);
    make(path);
  };
  const file = (text: string) => (path: string) => writeFileSync(path, text);
  const link = (target: string) => (path: string) => symlinkSync(target, path);
  const elsewhere = (text: string) => (path: string) => {
    put(join(home, 'x'), text);
    symlinkSync(join(home, 'x'), path);
  };
  const inStore = link(join(store, 'aaa-unit/w.service'));
  const acts: Record<string, () => void> = {
    clean: () => {},
    'another file': () => replace(unit, file('drift')),
    'a file as the new unit': () => replace(unit, file('unit bbb')),
    'a link elsewhere': () => replace(unit, elsewhere('drift')),
    'a link elsewhere, same content': () => replace(unit, elsewhere('unit bbb')),
    'a link to the old unit in the store': () => replace(unit, inStore),
    'a dangling link': () => replace(unit, link('/nowhere/w.service')),
    'a mask': () => replace(unit, link('/dev/null')),
    nothing: () => rmSync(unit),
    'a directory': () => replace(unit, path => mkdirSync(path)),
    'an empty file': () => replace(unit, file('')),
    'a file as wants link': () => replace(wants, file('drift')),
    'a wants link by systemctl enable': () => replace(wants, inStore),
    'another file, and its backup': () => {
      replace(unit, file('drift'));
      file('older')(`${unit}.bak`);
    },
    'a drop-in': () => put(`${unit}.d/50.conf`, '[Service]'),
  };
  const act = acts[situation.replace('removed: ', '')];
  if (act === undefined) throw new Error(`no such drift: ${situation}`);
  act();
}

/** What stands at a path, in the table's words. */
function standing(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'missing';
  if (stat.isDirectory()) return 'directory';
  if (stat.isFile()) return `file(${readFileSync(path, 'utf8')})`;
  const target = readlinkSync(path);
  const hash = /([^/]+)-home-manager-files\//.exec(target)?.[1];
  if (hash !== undefined) return hash === 'bbb' ? 'new' : 'old';
  return `link(${/([^/]+-unit)\//.exec(target)?.[1] ?? target.split('/').at(-1)})`;
}

/** Runs the scripts as the activation does, and says what came of it. */
function outcome(situation: string, mode: string, sandbox: string): string {
  const [home, store] = [join(sandbox, 'home'), join(sandbox, 'store')];
  mkdirSync(home, { recursive: true });
  const old = generation(store, 'aaa', true);
  const next = generation(store, 'bbb', !situation.startsWith('removed'));
  const forced = join(sandbox, 'forced-paths');
  writeFileSync(forced, mode === 'force' ? `${units}/w.service\n` : '');
  const env = {
    ...process.env,
    HOME: home,
    NIX_STORE_DIR: store,
    HOME_MANAGER_BACKUP_EXT: mode === 'backup' ? 'bak' : '',
  };
  const run = (step: string, ...args: string[]) => {
    const ran = spawnSync(join(import.meta.dirname, 'activation', step), args, { env, encoding: 'utf8' });
    return { ok: ran.status === 0, said: ran.stdout + ran.stderr };
  };
  expect(run('link-generation', old)).toMatchObject({ ok: true });
  drift(situation, home, store);
  const check = run('check-link-targets', next, forced);
  const link = check.ok ? run('link-generation', next, old) : { ok: true, said: '' };
  const directory = join(home, units);
  const beside = existsSync(directory)
    ? readdirSync(directory).filter(name => !['w.service', 'default.target.wants'].includes(name))
    : [];
  const phrase = phrases.find(one => (check.said + link.said).includes(one));
  return [
    check.ok ? (link.ok ? '' : 'failed ') : 'refused ',
    `${standing(join(directory, 'w.service'))} ${standing(join(directory, 'default.target.wants/w.service'))}`,
    ...beside.map(name => ` +${name}`),
    phrase === undefined ? '' : `: ${phrase}`,
  ].join('');
}

test.each(
  table.flatMap(([situation, none, backup, force]) => [
    [situation, 'none', none] as const,
    [situation, 'backup', backup] as const,
    [situation, 'force', force] as const,
  ]),
)('%s, %s: %s', (situation, mode, expected) => {
  const sandbox = join(root, `${situation}-${mode}`.replace(/\W+/g, '-'));
  expect(outcome(situation, mode, sandbox)).toBe(expected);
});
