import { expect, test } from 'vitest';
import type { Step } from '../../../models/operation.ts';
import { runSteps } from '../run/run.ts';
import { words } from '../toy/failing.ts';
import { toy } from '../toy/machine.ts';
import { toyModel } from '../toy/model.ts';
import { adapted, remembered, repaired } from './repair.ts';

const step = (operation: string, job: string, colour?: string): Step => ({
  operation,
  args: colour === undefined ? { job } : { job, colour },
});
const nothing = new Map();

test('a step that is no longer allowed is dropped, and the steps that needed it too', () => {
  const steps = [step('drop', 'a'), step('add', 'a'), step('stop', 'a')];
  expect(words(repaired(toyModel, steps.slice(1), nothing))).toBe('stop a');
  expect(words(repaired(toyModel, steps, nothing))).toBe('drop a; add a; stop a');
});

test('a step that is no longer allowed is adapted if another choice is near', () => {
  // The file says red already: an edit can only make it say something else.
  expect(words(adapted(toyModel, [step('edit', 'b', 'red'), step('stop', 'b')], nothing))).toBe('edit b green; stop b');
  expect(words(adapted(toyModel, [step('start', 'a')], nothing))).toBe('');
});

test('a failure is expected again as long as its reason is there', async () => {
  const steps = [step('unlink', 'a'), step('stop', 'a'), step('start', 'a'), step('stop', 'a'), step('start', 'a')];
  const run = await runSteps(toyModel, toy(), steps);
  expect(run.taken.map(taken => taken.skipped)).toEqual([false, false, false, true, false]);
  const memory = remembered(run);
  // The start failed because the file was missing, so there is nothing to stop; with the file it would have worked.
  expect(words(repaired(toyModel, steps, memory))).toBe('unlink a; stop a; start a; start a');
  expect(words(repaired(toyModel, steps.slice(1), memory))).toBe('stop a; start a; stop a; start a');
});
