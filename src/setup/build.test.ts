import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkout, emptyFolder, idle, runProgram } from '../../tests/helpers/command.ts';
import { swapIn } from './prepare.mjs';

let folder: string;
beforeAll(() => {
  folder = checkout();
});

const stackfuzz = (...args: string[]) => runProgram(join(folder, 'bin/stackfuzz.mjs'), args, folder);
const operation = (name: string) => join(folder, `models/operations/${name}.ts`);
const leftovers = () => readdirSync(folder).filter(name => name.startsWith('.dist'));

// A bound against hanging: each of these builds several times.
describe('the command runs what the sources say', { timeout: 480_000 }, () => {
  test('an operation is there as soon as its file is, and gone with it', async () => {
    writeFileSync(operation('wait-a-while'), idle({ expected: '(world: unknown) => world' }));
    const first = await stackfuzz('list', 'operations');
    expect(first).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^wait-a-while +drift, such as: do nothing$/m),
    });
    expect(first.err).toContain('dist/ does not match the sources: building it');
    const second = await stackfuzz('list', 'operations');
    expect(second).toEqual({ ...first, err: '' });
    rmSync(operation('wait-a-while'));
    const third = await stackfuzz('list', 'operations');
    expect(third).toMatchObject({ status: 0, out: expect.not.stringContaining('wait-a-while') });
    expect(readdirSync(join(folder, 'dist/models/operations')).join()).not.toContain('wait-a-while');
  });

  test('where they do not compile it says so, ends with 255, and leaves what was built before', async () => {
    await stackfuzz('--help');
    const before = readFileSync(join(folder, 'dist/.sources'), 'utf8');
    writeFileSync(operation('wrong'), 'export default 1 as string;\n');
    const { status, out, err } = await stackfuzz('list', 'operations');
    expect({ status, out }).toEqual({ status: 255, out: expect.stringContaining('models/operations/wrong.ts') });
    expect(err).toContain('Correct the errors above.');
    expect(readFileSync(join(folder, 'dist/.sources'), 'utf8')).toBe(before);
    expect(leftovers()).toEqual([]);
    rmSync(operation('wrong'));
    expect(await stackfuzz('--help')).toMatchObject({ status: 0, err: '' });
  });

  test('builds that go on at the same time leave a whole one', async () => {
    writeFileSync(operation('wait-a-while'), idle({ expected: '(world: unknown) => world' }));
    const all = await Promise.all([1, 2].map(() => runProgram('npm', ['run', 'build'], folder)));
    expect(all.map(({ status }) => status)).toEqual([0, 0]);
    expect(leftovers()).toEqual([]);
    const listed = await stackfuzz('list', 'operations');
    expect(listed).toMatchObject({ status: 0, err: '', out: expect.stringContaining('wait-a-while') });
    rmSync(operation('wait-a-while'));
  });

  test('a build that is killed leaves what was built before, and the next one takes its files away', async () => {
    await stackfuzz('--help');
    writeFileSync(operation('wait-a-while'), idle({ expected: '(world: unknown) => world' }));
    const line = [join(folder, 'src/setup/run.mjs'), 'build'];
    const build = spawn(process.execPath, line, { cwd: folder, detached: true, stdio: 'ignore' });
    const ended = once(build, 'exit');
    while (leftovers().length === 0 && build.exitCode === null) await new Promise(resolve => setTimeout(resolve, 5));
    process.kill(-(build.pid ?? 0), 'SIGKILL');
    await ended;
    expect(await runProgram(join(folder, 'dist/src/cli/main.js'), ['--help'], folder)).toMatchObject({
      status: 0,
      err: '',
    });
    expect(await stackfuzz('list', 'operations')).toMatchObject({
      status: 0,
      out: expect.stringContaining('wait-a-while'),
    });
    rmSync(operation('wait-a-while'));
    await stackfuzz('--help');
    expect(leftovers()).toEqual([]);
  });
});

test('what is built may be run, by either name of it', async () => {
  await runProgram('npm', ['run', 'build'], folder);
  for (const file of ['bin/stackfuzz.mjs', 'dist/src/cli/main.js']) {
    accessSync(join(folder, file), constants.X_OK);
    expect(await runProgram(join(folder, file), ['list', 'profiles'], folder)).toMatchObject({ status: 0, err: '' });
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
