import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import type { Levers } from '../../models/host.ts';
import type { Observation } from '../../models/observation.ts';
import type { Args } from '../../models/operation.ts';
import type { World } from '../../models/world.ts';
import { loadCatalog, modelOf } from '../catalog.ts';
import { targetOfEntry } from '../cli/options.ts';
import type { Model } from '../engine/types.ts';
import { buildRoot, labAvailable } from '../hosts/lab/index.ts';
import { loadProfile } from '../profiles/profile.ts';
import { modelConfigOf } from '../profiles/setup.ts';
import { staleBecause } from './stale.ts';
import { readCorpus } from './store.ts';

const lab = labAvailable();
let model: Model<World, Observation, Levers>;
beforeAll(async () => {
  if (lab.ok) await buildRoot(); // the compose files of some entries are read in it
  model = modelOf(
    await loadCatalog(),
    modelConfigOf({ profile: loadProfile('home-manager'), provider: 'docker-compose' }),
  );
}, 900_000);

const stale = (operation: string, args: Args): string | null => staleBecause(model, [{ operation, args }]);

test('arguments among the choices of an operation are possible', () => {
  const world = model.start();
  for (const [name, { choices }] of model.operations) {
    for (const args of choices(world)) expect(stale(name, args), name).toBeNull();
  }
});

test('what was saved under a name that an operation had before is as possible as under its name', () => {
  const world = model.start();
  const renamed = [...model.operations].filter(([, { formerly = [] }]) => formerly.length > 0);
  expect(renamed.length).toBeGreaterThan(5);
  for (const [name, { choices, formerly = [] }] of renamed) {
    for (const args of choices(world)) for (const old of formerly) expect(stale(old, args), name).toBeNull();
    for (const old of formerly) expect(stale(old, { surplus: true })).toMatch(/does not take|no longer/);
  }
});

test('every entry of the corpus is still possible, under whatever name its steps were saved', async () => {
  const catalog = await loadCatalog();
  const { entries } = await readCorpus(fileURLToPath(new URL('../../corpus', import.meta.url)));
  const old = entries.filter(({ entry }) => entry.steps.some(({ operation }) => !catalog.operations.has(operation)));
  expect(old.length).toBeGreaterThan(3);
  for (const stored of entries.filter(({ entry }) => lab.ok || entry.stacks === undefined)) {
    const made = modelOf(catalog, modelConfigOf(targetOfEntry(stored)));
    expect(staleBecause(made, stored.entry.steps), stored.path).toBeNull();
  }
});

test.each<[string, string, Args, string]>([
  ['one argument too many', 'restart', { stack: 'web', force: true }, 'does not take {"stack":"web","force":true}'],
  ['one too few', 'add-drop-in', { stack: 'web' }, 'does not take {"stack":"web"}; it takes arguments such as {'],
  ['another type', 'restart', { stack: 7 }, 'does not take {"stack":7}'],
  ['a directory of nobody', 'shadow-unit', { stack: 'web', directory: '/etc/cron.d' }, 'is no longer possible there'],
  ['a word that is none of its own', 'replace-unit', { stack: 'web', by: 'fire' }, 'is no longer possible there'],
  ['a stack that is not there', 'restart', { stack: 'gone' }, 'is no longer possible there'],
])('%s makes it stale, and says why', (_, operation, args, reason) => {
  expect(stale(operation, args)).toContain(reason);
});

test('no operation takes what every object answers to for a name, and none throws', () => {
  const world = model.start();
  for (const [name, { choices, allowed }] of model.operations) {
    for (const args of choices(world)) {
      for (const key of Object.keys(args)) {
        for (const inherited of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
          const changed = { ...args, [key]: inherited };
          if (key === 'stack' || key === 'service') expect(allowed(world, changed), `${name} ${key}`).toBe(false);
          expect(stale(name, changed), `${name} ${key}`).toMatch(/does not take|no longer/);
        }
      }
    }
  }
});
