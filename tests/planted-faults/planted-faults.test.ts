import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog.ts';
import { runSteps } from '../../src/engine/run/run.ts';
import { createSimulator } from '../../src/hosts/simulator/index.ts';
import { casesInShare } from '../../src/setup/share.mjs';
import { withEdits } from './edit.ts';
import { exploredFaulty, faulty, modelFor } from './faulty.ts';
import { measured, plantedPage } from './page.ts';
import { planted, providerOf } from './planted.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const lies = planted.filter(({ harmless }) => harmless === undefined);
const harmless = planted.filter(fault => fault.harmless !== undefined);

test('there are enough of them, each in the scripts and in their imitation', () => {
  expect(lies.length).toBeGreaterThanOrEqual(36);
  for (const { name, edits } of planted) {
    expect(
      edits.some(({ file }) => file.startsWith('src/profiles/')),
      name,
    ).toBe(true);
    expect(
      edits.some(({ file }) => file.startsWith('src/hosts/simulator/')),
      name,
    ).toBe(true);
  }
});

test.each(planted)('$name: what it replaces stands there', ({ edits }) => {
  for (const file of new Set(edits.map(each => each.file))) {
    const text = readFileSync(join(root, file), 'utf8');
    const edited = withEdits(file, text, edits);
    expect(edited).not.toBe(text);
    // A script with a syntax error breaks the first rebuild, whatever was planted.
    if (/^#!.*bash|^source /m.test(text) || file.endsWith('.sh')) execFileSync('bash', ['-n'], { input: edited });
  }
});

test.each(lies)('$name: only promises that there are name it', async ({ named }) => {
  const { invariants } = await loadCatalog();
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(name => !invariants.has(name))).toEqual([]);
});

test.each(lies)('$name: its steps show it, by a promise that names it, and show nothing without it', async fault => {
  const provider = providerOf(fault);
  const { model, setup } = await modelFor(provider);
  const options = { setup, provider, profile: 'hardened' } as const;
  const { createSimulator: createFaulty } = await faulty(fault);
  const { verdict } = await runSteps(model, createFaulty(options), fault.steps);
  const violation = verdict.kind === 'violated' ? verdict.violation : verdict;
  expect(violation).toMatchObject({ at: fault.steps.length - 1, invariant: expect.toBeOneOf(fault.named) });
  expect((await runSteps(model, createSimulator(options), fault.steps)).verdict).toEqual({ kind: 'held' });
});

test.each(casesInShare(lies))('$name: an exploration of these operations finds it, by no fewer steps', async fault => {
  const only = ['rebuild', ...fault.steps.map(({ operation }) => operation)];
  const { first, steps } = await exploredFaulty(fault, providerOf(fault), fault.steps.length, { only });
  expect(steps?.length).toBe(fault.steps.length);
  expect(first?.invariant).toBeOneOf(fault.named);
});

test.each(casesInShare(harmless))('$name, which is no lie: no single step shows anything', async fault => {
  const { first } = await exploredFaulty(fault, providerOf(fault), 1);
  expect(first).toBeUndefined();
});

test.runIf(existsSync(join(root, 'docs/planted-faults.md')))('docs/planted-faults.md is what was measured', () => {
  expect(readFileSync(join(root, 'docs/planted-faults.md'), 'utf8')).toBe(plantedPage(planted, measured()));
});
