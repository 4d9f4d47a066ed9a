import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import type { Operation } from '../models/operation.ts';
import { loadCatalog, modelOf } from './catalog.ts';
import { loadProfile } from './profiles/profile.ts';
import { modelConfigOf } from './profiles/setup.ts';

const operation =
  'export default { kind: "drift", role: "drift", needs: [], describe: () => "", choices: () => [], allowed: () => true, apply: async () => ({}), expected: w => w };';
const invariant =
  'export default { promise: "p", from: "f", broken: () => [], example: { after: [], lie: seen => seen } };';

const scenario = 'export default { about: "a", passes: "p", cases: () => ({}) };';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stackfuzz-catalog-'));
  file('package.json', '{"type":"module"}');
  file('models/operations/edit.js', operation);
  file('properties/invariants/holds.js', invariant);
  file('models/scenarios/S01.js', scenario);
  return () => rmSync(root, { recursive: true });
});

function file(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

const load = () => loadCatalog(pathToFileURL(`${root}/`));

test('a file in its folder is all that an operation, a scenario or an invariant takes', async () => {
  const { operations, invariants, scenarios } = await load();
  expect([...operations.keys()]).toEqual(['edit']);
  expect([...invariants.keys()]).toEqual(['holds']);
  expect([...scenarios.keys()]).toEqual(['S01']);
  expect(invariants.get('holds')?.promise).toBe('p');
});

test('tests, declarations and maps are no operations', async () => {
  for (const name of ['edit.test.js', 'edit.d.ts', 'edit.js.map', 'unit-files/edit.test.js', 'notes.md']) {
    file(`models/operations/${name}`, 'throw new Error("must not be imported")');
  }
  expect([...(await load()).operations.keys()]).toEqual(['edit']);
});

test('an operation is found by its file, in whatever folder', async () => {
  file('models/operations/unit-files/by-hand/add.js', operation);
  file('models/operations/machine/zap.js', operation);
  expect([...(await load()).operations.keys()]).toEqual(['add', 'edit', 'zap']);
  file('models/operations/machine/edit.js', operation);
  await expect(load()).rejects.toThrow(/edit\.js: expected one file of each name, in whatever folder, found another/);
});

test.each([
  ['export const operation = 1;', 'expected an object as default export, found none'],
  ['export default () => {};', 'expected an object as default export, found function'],
  [operation.replace('"drift"', '"drifting"'), 'expected kind: drift or command, found string'],
  [operation.replace('choices: () => [],', ''), 'expected choices: a function, found nothing'],
  [operation.replace('kind:', 'weight: 0, kind:'), 'expected weight: a number above 0, found number'],
  [operation.replace('kind:', 'mayfail: () => [], kind:'), 'found "mayfail"'],
])('refuses %s', async (text, message) => {
  file('models/operations/wrong.js', text);
  await expect(load()).rejects.toThrow(message);
  await expect(load()).rejects.toThrow(/^models\/operations\/wrong\.js: .*\n {2}Compare it with its neighbours/);
});

test('an operation may say which names it had before, unless another has or had them', async () => {
  const formerly = (...names: string[]) => operation.replace('kind:', `formerly: ${JSON.stringify(names)}, kind:`);
  file('models/operations/change.js', formerly('alter', 'vary'));
  expect((await load()).operations.get('change')?.formerly).toEqual(['alter', 'vary']);
  const refused = async (where: string, text: string, message: string) => {
    file(`models/operations/${where}.js`, text);
    await expect(load()).rejects.toThrow(message);
    rmSync(join(root, `models/operations/${where}.js`));
  };
  await refused(
    'wrong',
    formerly('edit'),
    'wrong.js: expected formerly: names that no operation has or had, found "edit", an',
  );
  await refused(
    'twice',
    formerly('vary'),
    'twice.js: expected formerly: names that no operation has or had, found "vary", which change had',
  );
  await refused('same', formerly('same'), 'found "same", an operation that there is');
  await refused(
    'alter',
    operation,
    'change.js: expected formerly: names that no operation has or had, found "alter", an',
  );
  await refused('path', formerly('../x'), 'path.js: expected formerly: small letters, digits and hyphens');
});

test('a signature outlives a renaming', async () => {
  const catalog = await loadCatalog();
  const setup = modelConfigOf({ profile: loadProfile('home-manager'), provider: 'docker-compose' });
  const model = modelOf(catalog, setup);
  for (const [name, { role, formerly = [] }] of catalog.operations) {
    const shapeUnder = (operation: string, as: string) =>
      model.shape(`${as} claims success, and that is a lie`, model.start(), { step: { operation, args: {} }, role });
    for (const old of formerly) {
      const before = modelOf(
        { ...catalog, operations: new Map([[old, catalog.operations.get(name) as Operation]]) },
        setup,
      );
      expect(shapeUnder(name, name), name).toBe(
        before.shape(`${old} claims success, and that is a lie`, model.start(), {
          step: { operation: old, args: {} },
          role,
        }),
      );
    }
  }
});

test('refuses an invariant that cannot show that it can fail', async () => {
  file('properties/invariants/vague.js', invariant.replace('after: [], ', ''));
  await expect(load()).rejects.toThrow('properties/invariants/vague.js: expected example: an object with `after`');
});

test('refuses folders without anything in them', async () => {
  mkdirSync(join(root, 'empty/models/operations'), { recursive: true });
  await expect(loadCatalog(pathToFileURL(`${root}/empty/`))).rejects.toThrow(
    'models/operations: expected at least one file',
  );
});

test('the live folders make a model that starts, and that a machine as expected keeps', async () => {
  const setup = modelConfigOf({ profile: loadProfile('home-manager'), provider: 'docker-compose' });
  const model = modelOf(await loadCatalog(), setup);
  const world = model.start();
  for (const { broken } of model.invariants.values())
    expect(broken(model.expectedObservation(world), world, [])).toEqual([]);
  for (const [name, { choices, allowed, describe }] of model.operations) {
    for (const args of choices(world)) {
      expect(allowed(world, args), name).toBe(true);
      expect(describe(args), name).toMatch(/[^.]$/);
    }
  }
});
