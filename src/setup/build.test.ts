import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkout, emptyFolder, idle, runProgram } from '../../tests/helpers/command.ts';
import { swapIn } from './prepare.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = checkout();
});

/**
 * A command that lists the operations beside it, built with the project's own settings and compiler, but much faster than the
 * project.
 */
let small: string;
beforeAll(() => {
  small = emptyFolder();
  for (const name of ['bin', 'src/setup', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(root, name), join(small, name), { recursive: true });
  for (const name of ['models/operations', 'properties', 'bench', 'src/cli'])
    mkdirSync(join(small, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(small, 'node_modules'));
  writeFileSync(
    join(small, 'src/cli/main.ts'),
    `#!/usr/bin/env node
import { readdirSync } from 'node:fs';
console.log(readdirSync(new URL('../../models/operations/', import.meta.url)).join('\\n'));
`,
  );
  writeFileSync(join(small, 'models/operations/rest.ts'), 'export default 1;\n');
});

const started = (inside: string, ...args: string[]) => runProgram(join(inside, 'bin/stackfuzz.mjs'), args, inside);
const operation = (inside: string, name: string) => join(inside, `models/operations/${name}.ts`);
const leftovers = () => readdirSync(small).filter(name => name.startsWith('.dist'));

// Only a limit against hanging: most of these build several times.
describe('the command runs what the sources say', { timeout: 480_000 }, () => {
  test('an operation is there as soon as its file is, and gone with it', async () => {
    const list = () => started(folder, 'list', 'operations');
    writeFileSync(operation(folder, 'wait-a-while'), idle({ expected: '(world: unknown) => world' }));
    const first = await list();
    expect(first).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^wait-a-while +drift, such as: do nothing$/m),
    });
    expect(first.err).toContain('dist/ does not match the sources: building it');
    const second = await list();
    expect(second).toEqual({ ...first, err: '' });
    rmSync(operation(folder, 'wait-a-while'));
    const third = await list();
    expect(third).toMatchObject({ status: 0, out: expect.not.stringContaining('wait-a-while') });
    expect(readdirSync(join(folder, 'dist/models/operations')).join()).not.toContain('wait-a-while');
  });

  test('where they do not compile it says so, ends with 255, and leaves what was built before', async () => {
    expect(await started(small)).toMatchObject({ status: 0, out: expect.stringContaining('rest.js') });
    const before = readFileSync(join(small, 'dist/.sources'), 'utf8');
    writeFileSync(operation(small, 'wrong'), 'export default 1 as string;\n');
    const { status, out, err } = await started(small);
    expect({ status, out }).toEqual({ status: 255, out: expect.stringContaining('models/operations/wrong.ts') });
    expect(err).toContain('Correct the errors above.');
    expect(readFileSync(join(small, 'dist/.sources'), 'utf8')).toBe(before);
    expect(leftovers()).toEqual([]);
    rmSync(operation(small, 'wrong'));
    expect(await started(small)).toMatchObject({ status: 0, err: '' });
  });

  test('builds that go on at the same time leave a whole one', async () => {
    writeFileSync(operation(small, 'wait-a-while'), 'export default 2;\n');
    const all = await Promise.all([1, 2].map(() => runProgram('npm', ['run', 'build'], small)));
    expect(all.map(({ status }) => status)).toEqual([0, 0]);
    expect(leftovers()).toEqual([]);
    expect(await started(small)).toMatchObject({ status: 0, err: '', out: expect.stringContaining('wait-a-while') });
    rmSync(operation(small, 'wait-a-while'));
  });

  test('a build that is killed leaves what was built before, and the next one takes its files away', async () => {
    await started(small);
    writeFileSync(operation(small, 'wait-a-while'), 'export default 2;\n');
    while (!(await killedWhileItWrites()))
      writeFileSync(operation(small, `again-${Date.now()}`), 'export default 3;\n');
    const program = join(small, 'dist/src/cli/main.js');
    expect(await runProgram(program, [], small)).toMatchObject({ status: 0, err: '' });
    expect(await started(small)).toMatchObject({ status: 0, out: expect.stringContaining('wait-a-while') });
    rmSync(operation(small, 'wait-a-while'));
    await started(small);
    expect(leftovers()).toEqual([]);
  });
});

/** Kills a build as soon as it has begun to write; false if it was finished before that was seen. */
async function killedWhileItWrites(): Promise<boolean> {
  const line = [join(small, 'src/setup/run.mjs'), 'build'];
  const build = spawn(process.execPath, line, { cwd: small, detached: true, stdio: 'ignore' });
  const ended = once(build, 'exit');
  while (leftovers().length === 0 && build.exitCode === null) await new Promise(resolve => setImmediate(resolve));
  if (build.exitCode !== null) return false;
  process.kill(-(build.pid ?? 0), 'SIGKILL');
  await ended;
  return true;
}

test('what is built may be run, by either name of it', async () => {
  await runProgram('npm', ['run', 'build'], small);
  for (const file of ['bin/stackfuzz.mjs', 'dist/src/cli/main.js']) {
    accessSync(join(small, file), constants.X_OK);
    expect(await runProgram(join(small, file), [], small)).toMatchObject({ status: 0, err: '' });
  }
});

test('a folder takes the place of another whole, whether that one is there or not', () => {
  const place = join(emptyFolder(), 'dist');
  for (const text of ['one', 'two', 'three']) {
    const fresh = `${place}-fresh`;
    mkdirSync(fresh);
    writeFileSync(join(fresh, text), text);
    swapIn(fresh, place);
    expect(readdirSync(place)).toEqual([text]);
    rmSync(fresh, { recursive: true, force: true });
  }
  expect(existsSync(`${place}-fresh-old`)).toBe(false);
});
