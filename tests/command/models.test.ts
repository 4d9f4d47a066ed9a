import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder, runProgram, runStackfuzz } from '../helpers/command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The worked example of docs/models.md, as files. */
let folder: string;
beforeAll(() => {
  folder = emptyFolder();
  const text = readFileSync(join(root, 'docs/models.md'), 'utf8');
  const files = [...text.matchAll(/`(my-models\/\S+\.mjs)`:\n\n```js\n(.*?)^```$/gms)];
  expect(files.length).toBe(4);
  for (const [, path = '', module = ''] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), module);
  }
});

describe('the models of docs/models.md', () => {
  test('are listed with the files that hold them', async () => {
    const { out } = await runStackfuzz(['list', 'operations', '--models', './my-models'], folder);
    expect(out).toMatch(/^rotate-journal .*lab only.*\[your own: my-models\/operations\/rotate-journal\.mjs\]$/m);
    expect(out).toMatch(/^rebuild /m);
  });

  test('are drawn, explored, and run as a scenario', async () => {
    const models = ['--models', 'my-models'];
    const fuzz = [
      'fuzz',
      '--host',
      'simulator',
      '--profile',
      'hardened',
      '--schedule',
      'walks',
      '--runs',
      '20',
      '--seed',
      '5',
    ];
    const searched = await runStackfuzz([...fuzz, ...models, '--json', 'report.json'], folder);
    expect(searched).toMatchObject({ status: 0, out: expect.stringContaining('--models my-models') });
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as { coverage: object };
    expect(JSON.stringify(report.coverage)).toContain('reload-twice');
    const explore = [
      'explore',
      '--depth',
      '1',
      '--operations',
      'reload-twice',
      '--profile',
      'hardened',
      '--threads',
      '1',
    ];
    expect(await runStackfuzz([...explore, ...models], folder)).toMatchObject({ status: 0 });
    const scenario = ['scenario', 'H01', '--case', 'too', '--host', 'simulator'];
    expect(await runStackfuzz([...scenario, ...models], folder)).toMatchObject({
      status: 0,
      out: expect.stringContaining('H01, reloaded too: passed'),
    });
  });

  test('have the types that the comments ask to be checked', async () => {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const flags = [
      '--checkJs',
      '--noEmit',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--strict',
      '--types',
      'node',
    ];
    const paths = ['--typeRoots', join(root, 'node_modules/@types')];
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    const linked = await runProgram('ln', ['-s', root, 'node_modules/stackfuzz'], folder);
    expect(linked.status).toBe(0);
    const files = [
      'operations/rotate-journal',
      'operations/reload-twice',
      'invariants/generations-only-rise',
      'scenarios/H01',
    ];
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const named = files.map(file => `my-models/${file}.mjs`);
    expect(await runProgram(process.execPath, [tsc, ...flags, ...paths, ...named], folder)).toMatchObject({
      status: 0,
      out: '',
    });
  });
});

test('a module at fault ends a search before anything is done: 3, and its name', async () => {
  const bad = emptyFolder();
  mkdirSync(join(bad, 'mine/operations'), { recursive: true });
  writeFileSync(join(bad, 'mine/operations/poke.mjs'), 'throw new Error("out of order");\n');
  expect(await runStackfuzz(['fuzz', '--host', 'simulator', '--models', 'mine'], bad)).toMatchObject({
    status: 3,
    out: '',
    err: expect.stringMatching(
      /^mine\/operations\/poke\.mjs: expected a module that can be imported, found .*out of order/,
    ),
  });
});
