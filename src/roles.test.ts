import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedObservation } from '../models/expected-observation.ts';
import { homelab } from '../models/homelab.ts';
import type { Claim } from '../models/host.ts';
import type { Step, StepRecord } from '../models/operation.ts';
import { shape } from '../models/search/signature.ts';
import { firstWorld } from '../models/transitions/first.ts';
import { type Catalog, loadCatalog } from './catalog.ts';
import { targetOfEntry } from './cli/options.ts';
import { readCorpus } from './corpus/store.ts';
import { home } from './home.ts';
import { buildRoot, labAvailable } from './hosts/lab/index.ts';
import { modelConfigOf } from './profiles/setup.ts';

const yes: Claim = { ok: true, status: 0, message: '' };

/** Name in the catalog → the name under which the scratch copy has the same operation once more. */
const again = (name: string): string => `again-${name}`;

const lab = labAvailable();
let scratch: string;
let catalog: Catalog;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'stackfuzz-roles-'));
  for (const folder of ['models', 'properties']) {
    cpSync(fileURLToPath(new URL(folder, home)), join(scratch, folder), { recursive: true });
  }
  writeFileSync(join(scratch, 'package.json'), '{"type":"module"}');
  const operations = join(scratch, 'models/operations');
  for (const file of readdirSync(operations, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const copy = join(operations, dirname(file), again(basename(file)));
    const original = `import original from './${basename(file)}';\n`;
    // The names that it had before belong to the original.
    writeFileSync(copy, `${original}const { formerly: _, ...copy } = original;\nexport default copy;\n`);
  }
  catalog = await loadCatalog(pathToFileURL(`${scratch}/`));
  if (lab.ok) await buildRoot(); // the compose files of some entries are read in it
}, 900_000);
afterAll(() => rmSync(scratch, { recursive: true }));

/** What happens by these steps on a machine that does not lie, the last of them with this claim. */
function historyOf(steps: readonly Step[], claim: Partial<Claim> = {}, setup = homelab): readonly StepRecord[] {
  let world = firstWorld(setup);
  return steps.map((step, index) => {
    const operation = catalog.operations.get(step.operation);
    if (operation === undefined) throw new Error(`no operation ${step.operation}`);
    const mustFail = operation.mustFail?.(world, step.args) ?? [];
    const honest = mustFail.length === 0 ? yes : { ok: false, status: 1, message: mustFail.join(', ') };
    const said = { ...honest, ...(index === steps.length - 1 && claim) };
    const after = operation.expected(world, step.args, said);
    const before = world;
    world = after;
    const { kind, role } = operation;
    const mayFail = [...mustFail, ...(operation.mayFail?.(before, step.args) ?? [])];
    return { step, kind, role, claim: said, mayFail, mustFail, before, after, seenBefore: expectedObservation(before) };
  });
}

/** What a promise says is broken, and the shapes of it, after these steps and by the lie of its example. */
function brokenAfter(name: string, steps: readonly Step[]) {
  const invariant = catalog.invariants.get(name);
  if (invariant === undefined) throw new Error(`no invariant ${name}`);
  const { claim, setup = homelab } = invariant.example;
  const history = historyOf(steps, claim, setup);
  const world = history.at(-1)?.after ?? firstWorld(setup);
  const details = invariant.broken(invariant.example.lie(expectedObservation(world), world), world, history);
  return { details, shapes: details.map(detail => shape(detail, world, history.at(-1))) };
}

describe('a promise looks at an operation whatever it is called', () => {
  test('each is broken by its example, and by the same under new names, and it is the same finding', () => {
    for (const [name, { example }] of catalog.invariants) {
      const known = brokenAfter(name, example.after);
      expect(known.details, name).not.toEqual([]);
      const steps = example.after.map(step => ({ ...step, operation: again(step.operation) }));
      const renamed = brokenAfter(name, steps);
      const last = steps.at(-1)?.operation ?? '';
      expect(
        renamed.details.map(detail => detail.replace(last, last.slice(again('').length))),
        name,
      ).toEqual(known.details);
      expect(
        renamed.shapes.map(each => each.replace(last, last.slice(again('').length))),
        name,
      ).toEqual(known.shapes);
    }
  });

  test('each that a rebuild can break is broken by one of another name', () => {
    const brokenBy = (operation: string) =>
      [...catalog.invariants]
        .filter(([name, { example }]) => {
          const { after } = example;
          const role = catalog.operations.get(after.at(-1)?.operation ?? '')?.role;
          const steps = role === 'rebuild' ? after.slice(0, -1) : after;
          return brokenAfter(name, [...steps, { operation, args: {} }]).details.length > 0;
        })
        .map(([name]) => name);
    const known = brokenBy('rebuild');
    for (const name of ['equals-a-fresh-machine', 'health-never-silently-bad', 'no-op-changes-nothing'])
      expect(known).toContain(name);
    expect(known).toContain('manager-absence-is-reported');
    expect(brokenBy(again('rebuild'))).toEqual(known);
  });
});

test('every entry of the corpus has the signature that its first detail and its last step give', async () => {
  const { entries } = await readCorpus(fileURLToPath(new URL('corpus', home)));
  expect(entries.length).toBeGreaterThan(50);
  for (const stored of entries.filter(({ entry }) => lab.ok || entry.stacks === undefined)) {
    const { entry, path } = stored;
    const { invariant, signature, steps, details } = entry;
    const world = firstWorld(modelConfigOf(targetOfEntry(stored)));
    const step = steps.at(-1);
    const role = catalog.operations.get(step?.operation ?? '')?.role;
    const last = step === undefined || role === undefined ? undefined : { step, role };
    expect(`${invariant}: ${shape(details[0] ?? '', world, last)}`, path).toBe(signature);
  }
});
