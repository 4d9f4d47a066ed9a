import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a program that was started said, and how it ended. */
export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** For tests: the built program, started in a folder; `onOutput` may send it signals. */
export async function started(
  args: readonly string[],
  cwd: string,
  options: { project?: string; onOutput?(all: string, kill: (signal: NodeJS.Signals) => void): void } = {},
): Promise<Ended> {
  const program = join(options.project ?? root, 'dist/src/cli/main.js');
  if (!existsSync(program)) throw new Error(`${program} is not built: see the errors of tsc above`);
  const { npm_lifecycle_event: _, ...env } = process.env;
  const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  for (const [stream, name] of [[child.stdout, 'out'] as const, [child.stderr, 'err'] as const]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      options.onOutput?.(said.out + said.err, signal => child.kill(signal));
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', status => resolve({ status, ...said }));
  });
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own for a test, gone after the last one of its file. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-test-'));
  folders.push(folder);
  return folder;
}

/** For tests: a copy of the built program that knows these operations and no others, so that what it does is fixed. */
export function projectWith(operations: Readonly<Record<string, string>>, kept: readonly string[] = []): string {
  const project = emptyFolder();
  cpSync(join(root, 'dist'), join(project, 'dist'), { recursive: true });
  for (const name of ['node_modules', 'src', 'package.json']) symlinkSync(join(root, name), join(project, name));
  const folder = join(project, 'dist/models/operations');
  for (const file of readdirSync(folder))
    if (!kept.includes(file.replace(/\.js$/, ''))) rmSync(join(folder, file), { recursive: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(operations)) writeFileSync(join(folder, `${name}.js`), text);
  return project;
}

/** The text of an operation that does nothing and changes nothing, but for what is given. */
export const idle = (change: Readonly<Record<string, string>> = {}): string => {
  const parts = {
    kind: '"drift"',
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
