import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { exploredFaulty } from './faulty.ts';
import { addMeasured, measured, plantedPage } from './page.ts';
import { planted, providerOf } from './planted.ts';
import { searched } from './schedule.ts';

/** `measure` writes its results to docs/; `npm run test:all` only checks them. The explorations take a quarter of an hour. */
const isWriting = process.env.STACKFUZZ_PLANTED === 'measure';
const only = process.env.STACKFUZZ_PLANTED_ONLY?.split(',');
/** Not those with which the order of the schedule was chosen. */
const seeds = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
const bound = 60;
const lies = planted.filter(({ name, harmless }) => harmless === undefined && (only?.includes(name) ?? true));

describe.runIf(isWriting || process.env.STACKFUZZ_SHARE === 'all')('the whole of it', () => {
  afterAll(() => {
    if (isWriting)
      writeFileSync(
        fileURLToPath(new URL('../../docs/planted-faults.md', import.meta.url)),
        plantedPage(planted, measured()),
      );
  });

  test('a search', { timeout: 900_000 }, async () => {
    const within = seeds.map(() => 0);
    for (const fault of lies) {
      const first = await Promise.all(seeds.map(seed => searched(fault, providerOf(fault), seed, bound)));
      for (const [at, one] of first.entries()) if (one !== undefined) within[at] = (within[at] ?? 0) + 1;
      if (isWriting) addMeasured(fault.name, { search: first.map(one => one?.operations ?? null) });
    }
    console.log(`Found by a search within ${bound} operations, of ${lies.length}, by seed: ${within.join(', ')}`);
    expect(within.every(count => count > 0)).toBe(true);
  });

  // Three steps of all operations would take a quarter of an hour each: there only the operations of the fault's steps are
  // explored.
  test.each(lies)('an exploration of all operations finds $name', { timeout: 900_000 }, async fault => {
    const of = fault.steps.length <= 2 ? {} : { only: ['rebuild', ...fault.steps.map(({ operation }) => operation)] };
    const { first, steps } = await exploredFaulty(fault, providerOf(fault), fault.steps.length, of);
    // With an operation that was added later it may take fewer steps.
    expect(steps?.length).toBeOneOf(fault.steps.map((_, at) => at + 1));
    // Another sequence may be first and break another promise; planted-faults.test.ts checks what its own steps break.
    expect(first?.invariant).toBeDefined();
    if (isWriting && first !== undefined && fault.steps.length <= 2)
      addMeasured(fault.name, { explore: { operations: first.operations, promise: first.invariant } });
  });
});
