import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The output of a program, and how it ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** For tests: runs the built program in a folder; `onOutput` may send it signals. */
export async function runStackfuzz(
  args: readonly string[],
  cwd: string,
  options: {
    project?: string;
    group?: boolean;
    env?: Readonly<Record<string, string>>;
    onStart?(kill: (signal: NodeJS.Signals) => void): void;
    onOutput?(all: string, kill: (signal: NodeJS.Signals) => void): void;
  } = {},
): Promise<Ended> {
  const program = join(options.project ?? root, 'dist/src/cli/main.js');
  if (!existsSync(program)) throw new Error(`${program} is not built: see the errors of tsc above`);
  return runProgram(process.execPath, [program, ...args], cwd, options);
}

/**
 * For tests of a command's output and files that do not need a process: runs the built program inside this one, the way
 * `started` runs it in a process of its own, which takes most of a second to load.
 */
export async function typed(
  args: readonly string[],
  cwd: string,
  options: { project?: string } = {},
): Promise<Pick<Ended, 'status' | 'out' | 'err'>> {
  const program = join(options.project ?? root, 'dist/src/cli/program.js');
  if (!existsSync(program)) throw new Error(`${program} is not built: see the errors of tsc above`);
  const { main } = (await import(pathToFileURL(program).href)) as { main(args: readonly string[]): Promise<number> };
  const said = { out: '', err: '' };
  const [before, out, err] = [process.cwd(), process.stdout.write, process.stderr.write];
  const into = (name: 'out' | 'err') => (text: string | Uint8Array) => {
    said[name] += String(text);
    return true;
  };
  process.chdir(cwd);
  process.stdout.write = into('out');
  process.stderr.write = into('err');
  try {
    const status = await main(args);
    return { status, ...said };
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
    process.chdir(before);
  }
}

/** For tests: runs any program as if it were typed in a terminal, without the variables that npm sets for its scripts. */
export async function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  options: {
    group?: boolean;
    env?: Readonly<Record<string, string>>;
    onStart?(kill: (signal: NodeJS.Signals) => void): void;
    onOutput?(all: string, kill: (signal: NodeJS.Signals) => void): void;
  } = {},
): Promise<Ended> {
  const ours = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV$|INIT_CWD$)/i.test(name));
  // A cache of its own, and no registry: nothing that is typed here downloads anything.
  const npm = { npm_config_cache: npmCache(), npm_config_offline: 'true', npm_config_update_notifier: 'false' };
  const env = { ...Object.fromEntries(ours), ...npm, ...options.env };
  const { group = false } = options;
  const child = spawn(program, args, { cwd, env, detached: group, stdio: ['ignore', 'pipe', 'pipe'] });
  // A terminal sends Ctrl-C to the whole process group.
  const kill = (signal: NodeJS.Signals) =>
    group && child.pid !== undefined ? process.kill(-child.pid, signal) : child.kill(signal);
  options.onStart?.(kill);
  running.add(child);
  child.on('close', () => running.delete(child));
  const said = { out: '', err: '' };
  for (const [stream, name] of [[child.stdout, 'out'] as const, [child.stderr, 'err'] as const]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      options.onOutput?.(said.out + said.err, kill);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (status, signal) => resolve({ status, signal, ...said }));
  });
}

/** Programs that have not ended. */
const running = new Set<ChildProcess>();

const folders: string[] = [];
afterAll(() => {
  // Left by a test that failed: SIGTERM lets them take their machines down.
  for (const child of running) child.kill('SIGTERM');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder for a test; it is removed after the last test of its file. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-test-'));
  folders.push(folder);
  return folder;
}

let cache: string | undefined;
function npmCache(): string {
  cache ??= emptyFolder();
  return cache;
}

/**
 * For tests: what a clone of the repository contains after `npm ci`, with the present sources; built only if that is asked for.
 */
export function checkout({ built = false } = {}): string {
  const folder = emptyFolder();
  const ours = /^(\.git|\.dist-.*|dist|node_modules|coverage|records|corpus-simulator)$/;
  for (const name of readdirSync(root)) {
    if (!ours.test(name) || (built && name === 'dist'))
      cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** For tests: a copy of the built program with these operations and no others, so that its results are fixed. */
export function projectWith(operations: Readonly<Record<string, string>>, kept: readonly string[] = []): string {
  const project = emptyFolder();
  cpSync(join(root, 'dist'), join(project, 'dist'), { recursive: true });
  for (const name of ['node_modules', 'src', 'package.json']) symlinkSync(join(root, name), join(project, name));
  const folder = join(project, 'dist/models/operations');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.js'));
  const places = new Map(files.map(file => [basename(file, '.js'), join(folder, file)]));
  for (const [name, place] of places) if (!kept.includes(name)) rmSync(place);
  // An operation that is kept and also given is replaced, in the same place.
  for (const [name, text] of Object.entries(operations))
    writeFileSync(kept.includes(name) ? (places.get(name) ?? '') : join(folder, `${name}.js`), text);
  return project;
}

/** The text of an operation that does nothing and changes nothing, except for the given parts. */
export const idle = (change: Readonly<Record<string, string>> = {}): string => {
  const parts = {
    kind: '"drift"',
    role: '"drift"',
    needs: '[]',
    describe: '() => "do nothing"',
    choices: '() => [{}]',
    allowed: '() => true',
    apply: 'async () => ({ ok: true, status: 0, message: "" })',
    expected: 'world => world',
    ...change,
  };
  return `export default { ${Object.entries(parts)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')} };\n`;
};

/** The `apply` of an operation during which Ctrl-C is pressed. */
export const pressingCtrlC = `async () => {
  const alive = setInterval(() => {}, 1000);
  const heard = new Promise(resolve => process.once('SIGINT', () => setImmediate(resolve)));
  process.kill(process.pid, 'SIGINT');
  await heard;
  clearInterval(alive);
  return { ok: true, status: 0, message: '' };
}`;
