/**
 * What `npm run fuzz`, `npm test`, `npm run test:all`, `npm run bench` and `npm run build` start. Plain Node without
 * dependencies, since a fresh clone has no node_modules: it announces and sets up what is missing, and then runs the command.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { requireNode } from '../../bin/node-version.mjs';
import { build, buildIfNeeded, installLabPackages, installNodeModules, SetupFailed } from './prepare.mjs';
import { commitIn, shareIn, shareOf, shareVariable, wordsOf } from './share.mjs';

requireNode();

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What each npm script runs when everything is there, one after the other, with the arguments after `--`. */
const commands = {
  fuzz: args => [[`${root}dist/src/cli/main.js`, 'fuzz', ...args]],
  test: vitest,
  'test:all': vitest,
  bench: args => benches().map(file => [file, ...args]),
  build: () => [],
};

/** What is said if there can be no lab machine; fuzz says it itself. */
const withoutLab = {
  fuzz: null,
  test: 'the tests that need them are skipped',
  'test:all': 'the tests that need them are skipped',
  bench: 'going on without them',
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) {
  console.error(`src/setup/run.mjs: expected ${Object.keys(commands).join(', ')}, found "${name}"\n  npm run fuzz`);
  process.exit(3);
}

try {
  installNodeModules(root);
  if (name === 'build') build(root);
  else buildIfNeeded(root);
  if (name !== 'build' && wantsLab(args)) installLabPackages(withoutLab[name], name.startsWith('test'));
  if (name.startsWith('test')) settleShare();
} catch (error) {
  if (!(error instanceof SetupFailed)) throw error;
  console.error(error.message);
  process.exit(255);
}
const lines = command(args);
if (lines.length > 0) run(lines);

function vitest(args) {
  return [[`${root}node_modules/vitest/vitest.mjs`, 'run', ...args]];
}

/**
 * Which share of the big tables is tested: all of them by `test:all`, else the one that is asked for, else that of the commit.
 */
function settleShare() {
  const commit = commitIn(root);
  const asked = name === 'test:all' ? 'all' : process.env[shareVariable];
  try {
    shareIn(asked);
  } catch (error) {
    console.error(`${error.message}\n  npm test`);
    process.exit(3);
  }
  const share = asked || shareOf(commit);
  process.env[shareVariable] = share;
  const line = `tests: ${wordsOf(share, commit, Boolean(asked))}`;
  console.log(line);
  process.on('exit', () => console.log(line)); // once more, below the output of the tests
}

/** The benchmarks: bench/*.bench.ts. */
function benches() {
  const files = readdirSync(`${root}dist/bench`).filter(file => file.endsWith('.bench.js'));
  return files.sort().map(file => `${root}dist/bench/${file}`);
}

/** Help and the simulator need no lab. */
function wantsLab(given) {
  const asked = given.join(' ');
  return !/(^| )(-h|--help|--host[ =]simulator|--project[ =]unit)( |$)/.test(asked);
}

/**
 * Runs the command lines, and ends like the last of them, or like the first that fails. Signals are passed on. Ctrl-C in a
 * terminal then reaches the command twice, which counts it once (src/cli/interrupt.ts).
 */
function run([line, ...rest]) {
  const child = spawn(process.execPath, line, {
    stdio: 'inherit',
    // Paths are relative to the directory in which they were typed, which npm keeps in INIT_CWD.
    cwd: name.startsWith('test') ? root : (process.env.INIT_CWD ?? process.cwd()),
  });
  const handOn = signal => child.kill(signal);
  for (const signal of signals) process.on(signal, handOn);
  child.on('error', error => {
    console.error(`cannot start ${line[0]}: ${error.message}`);
    process.exit(255);
  });
  child.on('exit', (status, signal) => {
    for (const each of signals) process.off(each, handOn);
    if (status === 0 && rest.length > 0) return run(rest);
    process.exit(status ?? 128 + (constants.signals[signal] ?? 0));
  });
}
