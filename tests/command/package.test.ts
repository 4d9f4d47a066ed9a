import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildRoot, labAvailable } from '../../src/hosts/lab/index.ts';
import { checkout, emptyFolder, runProgram } from '../helpers/command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** An empty folder in which the result of `npm pack` is installed, with the packages that it depends on and no others. */
let folder: string;
let installed: string;
beforeAll(async () => {
  if (labAvailable().ok) await buildRoot(); // the compose files of some entries are read in it
  const from = checkout();
  folder = emptyFolder();
  const packed = await runProgram('npm', ['pack', '--silent', '--pack-destination', folder], from);
  expect(packed.status).toBe(0);
  installed = join(folder, 'node_modules/stackfuzz');
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  mkdirSync(installed);
  const [tarball = ''] = readdirSync(folder).filter(name => name.endsWith('.tgz'));
  const unpacked = await runProgram(
    'tar',
    ['-xf', join(folder, tarball), '-C', installed, '--strip-components=1'],
    folder,
  );
  expect(unpacked).toMatchObject({ status: 0, err: '' });
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  for (const [path, { dev = false }] of Object.entries(packages)) {
    // A package inside another one is copied with it.
    if (path === '' || dev || path.split('node_modules/').length > 2 || !existsSync(join(root, path))) continue;
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    symlinkSync(join(root, path), join(folder, path));
  }
  for (const path of ['@types/node', 'undici-types']) {
    mkdirSync(join(folder, 'node_modules', dirname(path)), { recursive: true });
    symlinkSync(join(root, 'node_modules', path), join(folder, 'node_modules', path));
  }
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { bin: { stackfuzz: string } };
  symlinkSync(join('../stackfuzz', bin.stackfuzz), join(folder, 'node_modules/.bin/stackfuzz'));
});

const npx = (...args: string[]) => runProgram('npx', ['stackfuzz', ...args], folder);

describe('an installed package, in a folder that holds nothing else', () => {
  test('says its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await npx('--version')).toMatchObject({ status: 0, out: `${version}\n`, err: '' });
  });

  test('lists operations, invariants, scenarios, profiles and the corpus that comes with it', async () => {
    for (const [what, one] of Object.entries({ operations: 'rebuild', profiles: 'hardened', corpus: 'single-owner' })) {
      const { err, ...listed } = await npx('list', what);
      expect(listed).toMatchObject({ status: 0, out: expect.stringContaining(one) });
      expect(err).toBe(
        what === 'corpus'
          ? 'There is no corpus/ here: this is the corpus that comes with stackfuzz, node_modules/stackfuzz/corpus.\n'
          : '',
      );
    }
  });

  test('searches on the simulator', async () => {
    const { status, out } = await npx('fuzz', '--host', 'simulator', '--schedule', 'walks', '--runs', '3');
    expect({ status, out }).toEqual({ status: expect.toBeOneOf([0, 1]), out: expect.stringContaining(' in 3 runs') });
    expect(existsSync(join(folder, 'corpus'))).toBe(false);
  });

  test('replays the corpus that comes with it', async () => {
    const { status, out } = await npx('replay', '--host', 'simulator');
    expect({ status, out }).toEqual({ status: 0, out: expect.stringMatching(/^(\d+) of \1 came out as expected/m) });
    expect(out).toContain('node_modules/stackfuzz/corpus/single-owner/');
  });
});

describe('a program that imports it', () => {
  const tsc = (...args: string[]) =>
    runProgram(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], folder);
  const flags = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--types', 'node'];

  test('the one of docs/api.md has types, and does what it says', async () => {
    const [, text = ''] = readFileSync(join(root, 'docs/api.md'), 'utf8').match(/^```ts\n(.*?)^```$/ms) ?? [];
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'program.ts'), text);
    expect(await tsc(...flags, 'program.ts')).toMatchObject({ status: 0, out: '' });
    const { status, out, err } = await runProgram(process.execPath, ['program.js'], folder);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('Broken promise (active-means-running)');
  });

  test('types are told from each other', async () => {
    const wrong = [
      "import { openTestbed, operation, plan, run, type World } from 'stackfuzz';",
      "const testbed = await openTestbed({ host: 'moon' });",
      'plan(testbed, { index: 1 });',
      "await run(testbed, 'rebuild');",
      'export const world: World = {};',
      "export default operation({ kind: 'drift' });",
    ];
    writeFileSync(join(folder, 'wrong.ts'), wrong.join('\n'));
    const { status, out } = await tsc('--noEmit', ...flags, 'wrong.ts');
    expect(status).not.toBe(0);
    const lines = [...out.matchAll(/^wrong\.ts[(:](\d+)/gm)].map(([, line]) => Number(line));
    expect([...new Set(lines)].sort()).toEqual([2, 3, 4, 5, 6]);
  });
});

test('Ctrl-C under npx: what was found is kept, and the status is the verdict’s or, through dash, the signal’s', async () => {
  let sent = false;
  const { status, signal, out } = await runProgram(
    'npx',
    ['stackfuzz', 'fuzz', '--host', 'simulator', '--schedule', 'walks', '--budget', '5m'],
    folder,
    {
      group: true,
      onOutput: (all, kill) => {
        if (sent || !all.includes('Ctrl-C ends it early')) return;
        sent = true;
        kill('SIGINT');
      },
    },
  );
  expect(out).toMatch(/^To go on: npx stackfuzz fuzz --host simulator --seed \d+ --schedule walks --from \d+$/m);
  expect(signal ?? status).toBeOneOf(['SIGINT', 1, 2]);
});

describe('what is packed', () => {
  const files = (below: string) =>
    readdirSync(join(installed, below), { recursive: true, encoding: 'utf8' }).map(file => join(below, file));

  test('no test, no benchmark, no source map without its source', () => {
    expect(files('.').filter(file => /\.test\.|\.map$|(^|\/)(bench|tests|toy)(\/|$)/.test(file))).toEqual([]);
  });

  test('no code that needs what is not packed, or a package that it does not depend on', () => {
    const code = files('dist').filter(file => file.endsWith('.js'));
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const imports = code.flatMap(file => {
      const text = readFileSync(join(installed, file), 'utf8');
      const found = text.matchAll(/(?:^|[;\s])(?:from|import)\s*\(?\s*['"]([\w@.:/-]+)['"]/g);
      return [...found].map(([, what = '']) => ({ file, what }));
    });
    const isOurs = (what: string) => what.startsWith('.') || what.startsWith('node:');
    const strange = imports.filter(({ what }) => !isOurs(what) && dependencies[what.split('/')[0] ?? ''] === undefined);
    expect(strange).toEqual([]);
    const gone = imports.filter(
      ({ file, what }) => what.startsWith('.') && !existsSync(resolve(installed, dirname(file), what)),
    );
    expect(gone).toEqual([]);
  });

  test('scripts of profiles may be executed', async () => {
    for (const name of ['rebuild', 'rollback', 'install']) {
      const { status } = await runProgram('test', ['-x', join(installed, 'src/profiles/home-manager', name)], folder);
      expect({ name, status }).toEqual({ name, status: 0 });
    }
  });
});
