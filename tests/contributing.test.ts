import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as expectations from '../models/expected-observation.ts';
import type * as lab from '../models/homelab.ts';
import type { Host } from '../models/host.ts';
import type { StackDeclaration } from '../models/machine/declaration.ts';
import type { Operation } from '../models/operation.ts';
import type * as first from '../models/transitions/first.ts';
import { type Catalog, loadCatalog, modelOf } from '../src/catalog.ts';
import { simulated } from '../src/cli/machines.ts';
import { targetOf } from '../src/cli/options.ts';
import { mustKeepContract } from '../src/contract.ts';
import { runSteps } from '../src/engine/run/run.ts';
import type * as observed from '../src/hosts/real/observe/containers.ts';
import type * as simulator from '../src/hosts/simulator/index.ts';
import type * as compose from '../src/profiles/compose.ts';
import type * as profiles from '../src/profiles/profile.ts';
import { loadProfile } from '../src/profiles/profile.ts';
import { modelConfigOf } from '../src/profiles/setup.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');

/** The worked examples of CONTRIBUTING.md: path → text. */
const examples = new Map(
  [...text.matchAll(/`([\w./-]+)`:\n\n```\w+\n(.*?)^```$/gms)].map(([, path = '', file = '']) => [path, file]),
);

/** The operation of the last example, which changes the observed field: it needs what the example adds to the table. */
const fieldOperation = 'models/operations/configuration/change-working-dir.ts';

let scratch: string;
let catalog: Catalog;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'stackfuzz-contributing-'));
  for (const folder of ['models', 'properties']) cpSync(join(root, folder), join(scratch, folder), { recursive: true });
  writeFileSync(join(scratch, 'package.json'), '{"type":"module"}');
  for (const [path, file] of examples) {
    if (path === fieldOperation) continue;
    mkdirSync(dirname(join(scratch, path)), { recursive: true });
    writeFileSync(join(scratch, path), file);
  }
  catalog = await loadCatalog(pathToFileURL(`${scratch}/`));
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true }));

const hardened = targetOf('hardened');
const welcome = { operation: 'welcome-everybody', args: { stack: 'duo' } };

describe('a worked example of CONTRIBUTING.md', () => {
  test('there is one for each kind of addition', () => {
    expect([...examples.keys()]).toEqual(
      expect.arrayContaining([
        'models/operations/configuration/welcome-everybody.ts',
        'properties/invariants/nothing-stays-masked.ts',
        'src/profiles/backing-up/profile.yaml',
        'src/hosts/counted.ts',
      ]),
    );
  });

  test('an operation is loaded, keeps its contract, and holds every promise on a simulated machine', async () => {
    expect(catalog.operations.get(welcome.operation)).toMatchObject({ role: 'rebuild', needs: ['rebuild'] });
    const own = new Map([
      [`operations/${welcome.operation}`, 'welcome-everybody.ts'],
      ['invariants/nothing-stays-masked', 'nothing-stays-masked.ts'],
    ]);
    await mustKeepContract({ ...catalog, own }, modelConfigOf(hardened));
    const run = await runSteps(modelOf(catalog, modelConfigOf(hardened), 'simulator'), simulated(hardened), [welcome]);
    expect(run.verdict).toEqual({ kind: 'held' });
    expect(run.taken.map(({ skipped }) => skipped)).toEqual([false]);
  });

  test('a promise is asked on the way', () => {
    expect([...catalog.invariants.keys()]).toContain('nothing-stays-masked');
  });

  test('a profile is that which it extends, with a command of its own', () => {
    const profile = loadProfile(join(scratch, 'src/profiles/backing-up'));
    expect(profile.commands).toMatchObject({ rebuild: './rebuild --collision backup', rollback: './rollback' });
    expect(profile.owner).toBe(loadProfile('home-manager').owner);
  });

  test('a host does what a run asks of it', async () => {
    const file = pathToFileURL(join(scratch, 'src/hosts/counted.ts')).href;
    const { counted } = (await import(file)) as { counted(host: Host, count: () => void): Host };
    let count = 0;
    const host = counted(simulated(hardened), () => count++);
    const model = modelOf(catalog, modelConfigOf(hardened), 'simulator');
    expect((await runSteps(model, host, [welcome, { operation: 'rebuild', args: {} }])).verdict).toEqual({
      kind: 'held',
    });
    expect(count).toBe(2);
  });
});

describe('the worked example of an observed field', () => {
  const patch = /^```diff\n(.*?)^```$/ms.exec(text)?.[1] ?? '';
  const files = new Map(
    patch
      .split(/^--- a\//m)
      .slice(1)
      .map(part => halves(part, '\n')),
  );
  const web = { stack: 'web', service: 'app' };
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'stackfuzz-field-'));
    const folders = ['models', 'properties', 'src', 'docs', 'tests/tables', 'tests/helpers'];
    for (const folder of [...folders, 'tsconfig.json', 'package.json']) {
      cpSync(join(root, folder), join(copy, folder), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(join(copy, fieldOperation), examples.get(fieldOperation) ?? '');
    for (const [path, hunks] of files) {
      const before = readFileSync(join(copy, path), 'utf8');
      writeFileSync(join(copy, path), hunks.split(/^@@\n/m).slice(1).reduce(applied, before));
    }
  });
  afterAll(() => rmSync(copy, { recursive: true }));
  const from = <T>(path: string): Promise<T> => import(pathToFileURL(join(copy, path)).href);

  test('touches six files, and the compiler names no other', async () => {
    expect(files.size + 1).toBe(6);
    const config = { extends: './tsconfig.json', include: ['models', 'properties', 'src'], exclude: ['**/*.test.ts'] };
    writeFileSync(join(copy, 'tsconfig.sources.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules/.bin/tsc');
    const { stdout } = await execa(tsc, ['--noEmit', '-p', 'tsconfig.sources.json'], { cwd: copy, reject: false });
    expect(stdout).toBe('');
  });

  test('is declared, written, simulated, believed and compared', async () => {
    const { default: operation } = await from<{ default: Operation }>(fieldOperation);
    const { createSimulator } = await from<typeof simulator>('src/hosts/simulator/index.ts');
    const { firstWorld } = await from<typeof first>('models/transitions/first.ts');
    const { homelab } = await from<typeof lab>('models/homelab.ts');
    const { shows } = await from<typeof expectations>('models/expected-observation.ts');
    const { loadProfile } = await from<typeof profiles>('src/profiles/profile.ts');
    const { composeFile } = await from<typeof compose>('src/profiles/compose.ts');
    const { containersSeen } = await from<typeof observed>('src/hosts/real/observe/containers.ts');
    const world = firstWorld(homelab);
    const host = createSimulator({ setup: homelab, provider: 'docker-compose', profile: 'home-manager' });
    await host.reset();
    const claim = await operation.apply(host, { ...web, workingDir: '/tmp' }, world);
    const after = operation.expected(world, { ...web, workingDir: '/tmp' }, claim);
    const seen = await host.observe();
    expect(seen.containers['web/app']).toMatchObject({ workingDir: '/tmp' });
    expect(shows(after, seen)).toBe(true);
    expect(shows(world, seen)).toBe(false);
    expect(loadProfile('home-manager').declaration.stacks.web?.services.app).toMatchObject({ workingDir: '/' });
    const declared = after.declared.stacks.web as StackDeclaration;
    expect(composeFile('web', declared, [], { document: {}, service: {} }, tree => tree)).toContain(
      'working_dir: /tmp',
    );
    const inspected = {
      ...{ Id: 'a', Name: 'web-app-1', Created: '', Image: 'i', ImageName: 'probe:v1', IsInfra: false },
      ...{ State: { Status: 'running', StartedAt: '' }, Config: { Env: null, Labels: null, WorkingDir: '/tmp' } },
    };
    const [look] = containersSeen([inspected], null);
    expect(look?.container).toMatchObject({ workingDir: '/tmp' });
  });
});

const halves = (text: string, at: string): readonly [string, string] => {
  const [first = '', ...rest] = text.split(at);
  return [first, rest.join(at)];
};

/** A text with one hunk of a diff applied, which must fit in exactly one place. */
function applied(text: string, hunk: string): string {
  const lines = hunk.split('\n').filter(line => line !== '');
  const side = (sign: string) =>
    lines
      .filter(line => !line.startsWith(sign))
      .map(line => line.slice(1))
      .join('\n');
  expect(text.split(side('+')), hunk).toHaveLength(2);
  return text.replace(side('+'), () => side('-'));
}
