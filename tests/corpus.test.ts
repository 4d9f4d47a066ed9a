import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import type { Done } from '../models/operation.ts';
import { firstWorld } from '../models/transitions/first.ts';
import { loadCatalog, modelOf } from '../src/catalog.ts';
import { targetOfEntry } from '../src/cli/options.ts';
import { readCorpus } from '../src/corpus/store.ts';
import { signatureOf } from '../src/engine/run/signature.ts';
import { buildRoot, labAvailable } from '../src/hosts/lab/index.ts';
import { modelConfigOf } from '../src/profiles/setup.ts';

// The compose files of some entries are read in the lab's root.
const lab = labAvailable();
beforeAll(async () => void (lab.ok && (await buildRoot())), 900_000);

const { entries } = await readCorpus(fileURLToPath(new URL('../corpus', import.meta.url)));
const catalog = await loadCatalog();

test('each entry of the corpus has the signature that its details make, as a replay would', () => {
  const read = entries.filter(({ entry }) => lab.ok || entry.stacks === undefined);
  const others = read.flatMap(stored => {
    const { entry } = stored;
    const setup = modelConfigOf(targetOfEntry(stored));
    const step = entry.steps.at(-1);
    const operation = catalog.operations.get(step?.operation ?? '');
    const last = step && operation ? ({ step, role: operation.role } as Done) : undefined;
    const made = signatureOf(modelOf(catalog, setup), entry.invariant, entry.details, firstWorld(setup), last);
    return made === entry.signature ? [] : [{ made, written: entry.signature }];
  });
  expect(entries.length).toBeGreaterThan(0);
  expect(others).toEqual([]);
});
