import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtRoot, labAvailable } from '../hosts/lab/index.ts';
import { Problem } from '../problem.ts';

/** One project to be resolved. */
export interface Unresolved {
  /** The name of the folder that all of its files stand in: compose may call it so. */
  readonly folder: string;
  /** Where it is called: a path below that folder. */
  readonly below: string;
  /** Its name; null where file or folder say it. */
  readonly name: string | null;
  /** Compose files where it is called, later ones over earlier ones. */
  readonly files: readonly string[];
  readonly texts: ReadonlyMap<string, string>;
}

/** What the provider made of it: JSON, or what it said was wrong. */
export interface Resolved {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The path that stands for its folder in the answer. */
  readonly at: string;
}

/** Bounds of one reading: what a compose file comes to is a few megabytes, in well below a second. */
const seconds = 60;
const mostKiB = 4 * 2 ** 20;
const longestAnswer = 16 * 2 ** 20;

/** One answer for each project, by files in the folder `out`; two at once. */
const each = `cd "$1" && ulimit -f ${longestAnswer / 512} && ulimit -v ${mostKiB}
work() {
  cd "$1/$2" || exit 1
  shift 2
  "$@" config --format json >"$out.json" 2>"$out.err"
  echo $? >"$out.status"
}
`;

/**
 * Has a provider resolve compose files: docker compose of the lab's root, in a view of that root without a network, where nothing
 * stands but those files; where there is no lab, a docker-compose of this computer's own.
 * @throws Problem where there is neither.
 */
export function resolved(projects: readonly Unresolved[]): readonly Resolved[] {
  const reader = readerHere();
  const scratch = mkdtempSync(join(tmpdir(), 'stackfuzz-stacks-'));
  try {
    const stage = join(scratch, 'stage');
    const [view, out] = [join(scratch, 'view'), join(stage, 'out')];
    mkdirSync(view);
    mkdirSync(out, { recursive: true });
    spawnSync('chmod', ['755', stage]);
    spawnSync('chmod', ['777', out]);
    for (const [nth, { folder, texts }] of projects.entries()) {
      for (const [path, text] of texts) {
        const file = join(stage, String(nth), folder, path);
        mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
        writeFileSync(file, text, { mode: 0o644 });
      }
    }
    const inside = reader.root === null ? stage : '/mnt';
    const script = scriptOf(projects, inside, reader.command);
    const done = reader.root === null ? spawnedHere(script) : spawnedIn(reader.root, view, stage, script);
    return projects.map(({ folder }, nth) => {
      const file = (kind: string): string => {
        const path = join(out, `${nth}.${kind}`);
        return existsSync(path) ? readFileSync(path, 'utf8') : '';
      };
      const status = file('status').trim();
      if (status === '' && done.error === undefined && nth === 0 && done.status !== 0) throw unread(done.stderr);
      const stderr = status === '' ? `it took longer than ${seconds} s, or more than 4 GiB` : file('err');
      return {
        status: status === '' ? 1 : Number(status),
        stdout: file('json'),
        stderr,
        at: join(inside, String(nth), folder),
      };
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Reader {
  /** The lab's root that the command is run in; null for this computer itself. */
  readonly root: string | null;
  readonly command: readonly string[];
}

function readerHere(): Reader {
  const root = builtRoot() ?? rootBuiltNow();
  if (root !== null && labAvailable().ok) return { root, command: ['docker-compose'] };
  if (isOnPath('docker-compose')) return { root: null, command: ['docker-compose'] };
  if (
    isOnPath('docker') &&
    spawnSync('docker', ['compose', 'version'], { stdio: 'ignore', timeout: 10_000 }).status === 0
  )
    return { root: null, command: ['docker', 'compose'] };
  throw new Problem({
    expected: 'docker compose, which reads compose files',
    found: 'neither a lab with it, nor docker-compose on the PATH',
    where: 'stacks',
    next: labAvailable().ok
      ? 'type  npx stackfuzz lab build'
      : 'install docker-compose of version 2 (Debian 13: apt-get install docker-compose), or run stackfuzz as root, with a lab',
  });
}

/** Builds the lab's root where it can be, and has not been; whoever waits is told. It takes a minute or two, once. */
function rootBuiltNow(): string | null {
  const lab = fileURLToPath(new URL('../hosts/lab/index.js', import.meta.url));
  if (!labAvailable().ok || !existsSync(lab)) return null; // the sources, run by a test, which builds it itself
  const build = `const { buildRoot } = await import(${JSON.stringify(lab)});
await buildRoot({ say: line => console.error('Lab: ' + line + '.') });`;
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  spawnSync(process.execPath, ['--input-type=module', '--eval', build], { stdio: [...stdio] });
  return builtRoot();
}

const isOnPath = (command: string): boolean =>
  (process.env.PATH ?? '').split(':').some(folder => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

function scriptOf(projects: readonly Unresolved[], inside: string, command: readonly string[]): string {
  const lines = projects.map(({ folder, below, name, files }, nth) => {
    const flags = [...(name === null ? [] : ['-p', name]), ...files.flatMap(file => ['-f', file]), '--profile', '*'];
    const words = [inside, join(String(nth), folder, below), ...command, ...flags].map(quoted).join(' ');
    return `(out=${quoted(`${inside}/out/${nth}`)}; work ${words}) &${nth % 2 === 1 ? '\nwait' : ''}`;
  });
  return [each, ...lines, 'wait', ''].join('\n');
}

const options = (script: string) =>
  ({
    input: script,
    encoding: 'utf8',
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: longestAnswer,
  }) as const;

/** Nothing of this computer's environment is handed on: what a file asks for stands in its .env. */
const environment = ['env', '-i', 'PATH=/usr/bin:/bin', 'HOME=/nonexistent'];

const spawnedHere = (script: string) =>
  spawnSync('env', ['-i', `PATH=${process.env.PATH}`, 'HOME=/nonexistent', 'sh', '-s', '/'], options(script));

/** Root of the view is the lab's, read only; the files stand in /mnt; nobody in particular reads them. */
const spawnedIn = (root: string, view: string, stage: string, script: string) => {
  const enter = [
    'mount --bind "$1" "$2" && mount -o remount,bind,ro "$2" && mount --bind "$3" "$2/mnt" || exit 125',
    `exec ${environment.join(' ')} /usr/sbin/chroot --userspec=65534:65534 --groups=65534 "$2" /bin/sh -s /mnt`,
  ].join('\n');
  const spaces = ['--mount', '--net', '--pid', '--ipc', '--fork', '--kill-child=KILL', '--propagation', 'private'];
  return spawnSync('unshare', [...spaces, 'sh', '-c', enter, 'sh', root, view, stage], options(script));
};

const unread = (said: string): Problem =>
  new Problem({
    expected: 'a view of the lab root in which docker compose reads',
    found: said.trim() || 'none',
    where: 'stacks',
    next: 'type  npx stackfuzz doctor',
  });
