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

/** One project that is to be resolved. */
export interface Unresolved {
  /** The name of the folder that contains all of its files: compose may use it as the project's name. */
  readonly folder: string;
  /** Where compose is called: a path below that folder. */
  readonly below: string;
  /** Its name; null if the file or the folder gives it. */
  readonly name: string | null;
  /** Compose files in that folder; later ones extend earlier ones. */
  readonly files: readonly string[];
  readonly texts: ReadonlyMap<string, string>;
}

/** The provider's answer: JSON, or its error message. */
export interface Resolved {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The path by which the answer names the project's folder. */
  readonly at: string;
}

/** Nothing on this computer reads compose files: a fault of no file. */
export class NoReader extends Problem {}

/** Limits of one reading: the answer for a compose file has a few megabytes, and takes less than a second. */
const seconds = 60;
const mostKiB = 4 * 2 ** 20;
const longestAnswer = 16 * 2 ** 20;

/** One answer for each project, as files in the folder `out`; two at the same time. */
const each = `cd "$1" && ulimit -f ${longestAnswer / 512} && ulimit -v ${mostKiB}
work() {
  cd "$1/$2" || exit 1
  shift 2
  "$@" config --format json >"$out.json" 2>"$out.err"
  echo $? >"$out.status"
}
`;

/**
 * Lets a provider resolve compose files: docker compose of the lab's root, in a view of that root without a network, which
 * contains only those files; if there is no lab, docker-compose of this computer.
 * @throws Problem if there is neither
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
  /** The lab's root in which the command is run; null for this computer itself. */
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
  throw new NoReader({
    expected: 'docker compose, which reads compose files',
    found: 'neither a lab with it, nor docker-compose on the PATH',
    where: 'stacks',
    next: labAvailable().ok
      ? 'type  npx stackfuzz lab build'
      : 'install docker-compose of version 2 (Debian 13: apt-get install docker-compose), or run stackfuzz as root, with a lab',
  });
}

/** Builds the lab's root if it can be built and is missing, and says so. It takes a minute or two, once. */
function rootBuiltNow(): string | null {
  const lab = fileURLToPath(new URL('../hosts/lab/index.js', import.meta.url));
  if (!labAvailable().ok || !existsSync(lab)) return null; // a test runs the sources; it builds the root itself
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

/** Nothing of this computer's environment is passed on: what a file needs is in its .env. */
const environment = ['env', '-i', 'PATH=/usr/bin:/bin', 'HOME=/nonexistent'];

const spawnedHere = (script: string) =>
  spawnSync('env', ['-i', `PATH=${process.env.PATH}`, 'HOME=/nonexistent', 'sh', '-s', '/'], options(script));

/** The root of the view is the lab's, read-only; the files are in /mnt; the user that reads them has no rights. */
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
