/**
 * What `npm run fuzz`, `npm test` and `npm run bench` start. Plain Node without dependencies, since on a fresh clone
 * node_modules is not there yet: it sets up what is missing, saying so beforehand, and then runs the command asked for.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { build, installLabPackages, installNodeModules, SetupFailed } from './prepare.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What each npm script runs once everything is there, with the arguments after `--`. */
const commands = {
  fuzz: args => [`${root}dist/src/cli/main.js`, 'fuzz', ...args],
  test: args => [`${root}node_modules/vitest/vitest.mjs`, 'run', ...args],
  bench: args => [`${root}dist/bench/main.js`, ...args],
};

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) {
  console.error(`src/setup/run.mjs: expected ${Object.keys(commands).join(', ')}, found "${name}"\n  npm run fuzz`);
  process.exit(3);
}

try {
  installNodeModules(root);
  build(root);
  if (wantsLab(args)) installLabPackages();
} catch (error) {
  if (!(error instanceof SetupFailed)) throw error;
  console.error(error.message);
  process.exit(255);
}
run(command(args));

/** Asking for help or for the simulator needs no lab. */
function wantsLab(given) {
  const asked = given.join(' ');
  return !/(^| )(-h|--help|--host[ =]simulator|--project[ =]unit)( |$)/.test(asked);
}

/**
 * Runs the command and ends as it ends. Signals are handed on; a Ctrl-C in a terminal reaches the command twice then,
 * which it takes for one (src/cli/interrupt.ts).
 */
function run(line) {
  const child = spawn(process.execPath, line, {
    stdio: 'inherit',
    // The paths an operator types are relative to where they typed them, which npm keeps in INIT_CWD.
    cwd: name === 'test' ? root : (process.env.INIT_CWD ?? process.cwd()),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', error => {
    console.error(`cannot start ${line[0]}: ${error.message}`);
    process.exit(255);
  });
  child.on('exit', (status, signal) => process.exit(status ?? 128 + (constants.signals[signal] ?? 0)));
}
