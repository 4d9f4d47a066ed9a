import { expect, test } from 'vitest';
import { runSteps } from '../run/run.ts';
import { failing, words } from '../toy/failing.ts';
import { toy } from '../toy/machine.ts';
import { toyModel } from '../toy/model.ts';
import { reduced } from './reduce.ts';

test('a given run is shrunk, and confirmed on the machine', async () => {
  const machine = toy({ drift: true });
  const { run, signature } = await failing(machine, 3, 'no-silent-drift');
  const short = await reduced({ model: toyModel, machines: [machine] }, run);
  if (short.kind !== 'finding') throw new Error('it is one');
  const { finding } = short;
  expect(finding.violation.signature).toBe(signature);
  expect(finding.original.length).toBeGreaterThan(finding.steps.length);
  expect(words(finding.steps)).toBe('edit a blue; stop a; paint a green');
  expect(finding).toMatchObject({ index: 0, confirmed: { shown: 5, of: 5 }, foundAfter: run.taken.length });
});

test('one that does not show again is not a finding', async () => {
  const { run } = await failing(toy({ drift: true }), 3, 'no-silent-drift');
  expect((await reduced({ model: toyModel, machines: [toy({})] }, run)).kind).toBe('flaky');
});

test('one that held cannot be shrunk', async () => {
  const held = await runSteps(toyModel, toy({}), []);
  await expect(reduced({ model: toyModel, machines: [toy({})] }, held)).rejects.toThrow('only what was violated');
});
