import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const activation = join(import.meta.dirname, '../../../src/profiles/home-manager/activation');
const units = '.config/systemd/user';
const phrases = [
  'would be clobbered by backing up',
  'would be clobbered',
  'will be overwritten',
  'will be moved',
  'will be skipped',
  'does not link into',
  'cannot overwrite directory',
];

/** A generation's tree of links in the sandbox's store; an empty one has no unit. */
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

/** The drift of each situation: it changes the unit's path, its wants link, or a file beside them. */
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

/** What is at a path, in the words of the table. */
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

/** Runs the activation's scripts as the activation does, in a home of their own, and returns the outcome. */
export function outcome(situation: string, mode: string, sandbox: string): string {
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
    HOME_MANAGER_BACKUP_EXT: mode === 'backup' || mode === 'overwrite' ? 'bak' : '',
    HOME_MANAGER_BACKUP_OVERWRITE: mode === 'overwrite' ? '1' : '',
    HOME_MANAGER_BACKUP_COMMAND: mode === 'command' ? 'rm -r' : mode === 'command that fails' ? 'false' : '',
  };
  const run = (step: string, ...args: string[]) => {
    const ran = spawnSync(join(activation, step), args, { env, encoding: 'utf8' });
    return { ok: ran.status === 0, said: ran.stdout + ran.stderr };
  };
  const first = run('link-generation', old);
  if (!first.ok) throw new Error(first.said);
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
