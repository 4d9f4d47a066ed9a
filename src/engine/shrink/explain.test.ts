import { expect, test } from 'vitest';
import { find } from '../session/find.ts';
import { words } from '../toy/failing.ts';
import { toy } from '../toy/machine.ts';
import { toyModel } from '../toy/model.ts';

test('an explanation proves that each step of a finding is needed, and shows the most similar sequence that held', async () => {
  const { findings } = await find({
    model: toyModel,
    machines: [toy({ drift: true })],
    seed: 1,
    size: { maxSteps: 40 },
    simulator: () => toy({ drift: true }),
    findings: 1,
  });
  expect(findings.map(one => `${one.violation.invariant}: ${words(one.steps)}`)).toEqual([
    'no-silent-drift: edit a green; stop a; rebuild',
  ]);
  const { explanation } = findings[0] as NonNullable<(typeof findings)[0]>;
  expect(explanation.steps.map(one => one.necessary)).toEqual(['proved', 'proved', 'proved']);
  expect([explanation.nearest?.lacks.length, explanation.nearest?.extra.length]).toEqual([1, 0]);
  expect(explanation.always).toContain(1);
  expect(explanation.held).toBeGreaterThan(3);
});
