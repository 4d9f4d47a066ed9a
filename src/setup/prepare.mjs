/** The three things that a fresh clone lacks: npm's packages, the built program, and Debian's packages for lab machines. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';

/** A step of the set-up failed; the message says which, and what to do. */
export class SetupFailed extends Error {
  name = 'SetupFailed';
}

/** Debian packages that the lab needs, each by a command that shows whether it is installed. */
const labPackages = { mmdebstrap: 'mmdebstrap', 'systemd-nspawn': 'systemd-container', mount: 'mount' };

/** A package that only tests need: a browser for the HTML report. */
const testPackages = { chromium: 'chromium' };

/** `npm ci`, if node_modules is missing or has other versions than package-lock.json. */
export function installNodeModules(root) {
  const reason = modulesDiffer(root);
  if (reason === null) return;
  say(`${reason}: installing npm packages as package-lock.json says (npm ci, about 150 MB)`);
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund'],
    root,
    'Is the npm registry reachable? Then run the same command again.',
  );
}

/** Builds dist/ with `tsc`, if it was built from other sources than the present ones. */
export function buildIfNeeded(root) {
  const made = join(root, 'dist', '.sources');
  if (existsSync(made) && readFileSync(made, 'utf8') === fingerprint(root)) return;
  say('dist/ does not match the sources: building it (tsc)');
  installNodeModules(root);
  build(root);
}

/** Builds dist/ with `tsc` beside its place, and then replaces it as a whole. A build that fails leaves dist/ as it was. */
export function build(root) {
  sweepBuilds(root);
  const sources = fingerprint(root);
  const fresh = join(root, `${buildPrefix}${process.pid}`);
  try {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], root, 'Correct the errors above.');
    // tsc sets no mode bits; npm links to this file as a command.
    chmodSync(join(fresh, 'src', 'cli', 'main.js'), 0o755);
    // Written last: a dist/ that has it is complete.
    writeFileSync(join(fresh, '.sources'), sources);
    swapIn(fresh, join(root, 'dist'));
  } catch (error) {
    if (error instanceof SetupFailed) throw error;
    throw new SetupFailed(`set-up: dist/ cannot be written (${error.message})\n  Build as the owner of ${root}.`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Where a build is written before it replaces dist/: beside it, since a rename needs the same file system. */
const buildPrefix = '.dist-';

/**
 * Puts a folder in the place of another, which gets the first one's name or is removed. In one step if mv can do that
 * (coreutils 9.5); else by two renames, repeated if another build comes between them.
 */
export function swapIn(fresh, place) {
  if (existsSync(place) && spawnSync('mv', ['--exchange', '-T', fresh, place], { stdio: 'ignore' }).status === 0)
    return;
  const old = `${fresh}-old`;
  for (;;) {
    try {
      renameSync(place, old);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    try {
      renameSync(fresh, place);
      return;
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
}

/** Removes what killed builds left. */
function sweepBuilds(root) {
  for (const name of readdirSync(root)) {
    const [, pid] = name.match(/^\.dist-(\d+)(-old)?$/) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * `apt-get install`, as root on Debian; elsewhere it prints what is needed, and what is done instead (null if the program
 * prints that itself).
 */
export function installLabPackages(instead, isTest = false) {
  const missing = Object.entries({ ...labPackages, ...(isTest ? testPackages : {}) })
    .filter(([program]) => !onPath(program))
    .map(([, name]) => name);
  const obstacle = labObstacle();
  if (obstacle !== null && instead === null) return;
  if (obstacle !== null) return say(`lab machines need root on Debian (${obstacle}): ${instead}`);
  if (missing.length === 0) return;
  say(
    `${isTest ? 'the tests' : 'lab machines'} need ${missing.join(' and ')}: installing from Debian (apt-get update, apt-get install)`,
  );
  const apt = args =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt(['-qq', 'update']);
  const done = apt(['-qq', 'install', '-y', '--no-install-recommends', ...missing]);
  if (done.status !== 0)
    say(`could not install ${missing.join(' and ')} (see above)${instead === null ? '' : `: ${instead}`}`);
}

function labObstacle() {
  if (process.platform !== 'linux') return `this is ${process.platform}`;
  if (process.getuid() !== 0) return `this is user ${process.getuid()}; try sudo`;
  if (!existsSync('/etc/debian_version') || !onPath('apt-get')) return 'this is another system';
  return null;
}

/**
 * Why node_modules is not what package-lock.json asks for; null if it is. npm records what it installed in a lock file of its
 * own.
 */
export function modulesDiffer(root) {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return 'node_modules is missing';
  const packages = path => {
    const { '': _, ...rest } = JSON.parse(readFileSync(path, 'utf8')).packages;
    return rest;
  };
  const wanted = packages(join(root, 'package-lock.json'));
  const there = packages(installed);
  for (const [name, { version, optional, integrity }] of Object.entries(wanted)) {
    // Optional packages are mostly those of other platforms.
    if (there[name] === undefined && optional) continue;
    if (there[name]?.version !== version || there[name]?.integrity !== integrity || !existsSync(join(root, name))) {
      return `node_modules has no ${name.replace('node_modules/', '')} ${version}`;
    }
  }
  const extra = Object.keys(there).find(name => wanted[name] === undefined);
  return extra === undefined ? null : `node_modules has ${extra.replace('node_modules/', '')}, which nothing asks for`;
}

/** Names and contents of all files from which dist/ is built. */
function fingerprint(root) {
  const hash = createHash('sha256');
  for (const file of [...sourcesOf(root), 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json']) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function sourcesOf(root) {
  return ['models', 'properties', 'src', 'bench']
    .flatMap(folder => readdirSync(join(root, folder), { recursive: true }).map(file => join(folder, file)))
    .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort();
}

function onPath(program) {
  // On Debian a plain user's PATH lacks the sbin folders, and root's too after `su`.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function run(program, args, cwd, next) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (status === 0) return;
  throw new SetupFailed(
    `set-up: ${program} ${args[0]} ${error ? `did not start (${error.message})` : `ended with ${status}`}\n  ${next}`,
  );
}

function say(sentence) {
  console.error(`set-up: ${sentence}`);
}
