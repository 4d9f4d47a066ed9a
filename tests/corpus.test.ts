import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Done } from '../models/operation.ts';
import { firstWorld } from '../models/transitions/first.ts';
import { loadCatalog, modelOf } from '../src/catalog.ts';
import { targetOf } from '../src/cli/options.ts';
import { providersOf, suiteOf } from '../src/corpus/entry.ts';
import { readCorpus } from '../src/corpus/store.ts';
import { signatureOf } from '../src/engine/run/signature.ts';
import { modelConfigOf } from '../src/profiles/setup.ts';

const { entries } = await readCorpus(fileURLToPath(new URL('../corpus', import.meta.url)));
const catalog = await loadCatalog();

test('each entry of the corpus has the signature that its details make, as a replay would', () => {
  const others = entries.flatMap(({ entry }) => {
    const [provider] = providersOf(entry);
    const setup = modelConfigOf(targetOf(entry.profile, provider, suiteOf(entry)));
    const step = entry.steps.at(-1);
    const operation = catalog.operations.get(step?.operation ?? '');
    const last = step && operation ? ({ step, role: operation.role } as Done) : undefined;
    const made = signatureOf(modelOf(catalog, setup), entry.invariant, entry.details, firstWorld(setup), last);
    return made === entry.signature ? [] : [{ made, written: entry.signature }];
  });
  expect(entries.length).toBeGreaterThan(0);
  expect(others).toEqual([]);
});
