import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../models/host.ts';
import { type Catalog, loadCatalog, modelOf } from '../src/catalog.ts';
import { simulated } from '../src/cli/machines.ts';
import { targetOf } from '../src/cli/options.ts';
import { mustKeepContract } from '../src/contract.ts';
import { runSteps } from '../src/engine/run/run.ts';
import { loadProfile } from '../src/profiles/profile.ts';
import { modelConfigOf } from '../src/profiles/setup.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');

/** The worked examples of CONTRIBUTING.md: path → what stands there. */
const examples = new Map(
  [...text.matchAll(/`([\w./-]+)`:\n\n```\w+\n(.*?)^```$/gms)].map(([, path = '', file = '']) => [path, file]),
);

let scratch: string;
let catalog: Catalog;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'stackfuzz-contributing-'));
  for (const folder of ['models', 'properties']) cpSync(join(root, folder), join(scratch, folder), { recursive: true });
  writeFileSync(join(scratch, 'package.json'), '{"type":"module"}');
  for (const [path, file] of examples) {
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
