import { expect, test } from 'vitest';
import type { Step } from '../../../../models/operation.ts';
import { enabledIn } from '../../../engine/explore/enabled.ts';
import { expander } from '../../../engine/explore/expand.ts';
import { alone, exploreAll } from '../../../engine/explore/search.ts';
import { stepsOf } from '../../../engine/explore/steps.ts';
import { runSteps } from '../../../engine/run/run.ts';
import { createSimulator } from '../../../hosts/simulator/index.ts';
import { exploredOf } from './explored.ts';

const operations = [
  ...['remove-secret', 'restart', 'stop', 'remove-container', 'rebuild', 'kill-container', 'linger-off', 'linger-on'],
  ...['daemon-reload', 'replace-wants-link'],
];
const chosen = { profile: 'home-manager', provider: 'docker-compose', operations } as const;

test('an exploration finds what every sequence of two finds, each from a reset, and by as few steps', async () => {
  const explored = await exploredOf(chosen);
  const { model } = explored;
  const simulator = createSimulator({ setup: model.start().setup, ...chosen });
  const found = new Map<string, number>();
  const from = async (steps: readonly Step[], world: ReturnType<typeof model.start>): Promise<void> => {
    for (const { operation, args } of enabledIn(model, world)) {
      const all = [...steps, { operation, args }];
      const { verdict, history } = await runSteps(model, simulator, all, { evidence: false });
      if (verdict.kind === 'violated') {
        const { signature } = verdict.violation;
        found.set(signature, Math.min(found.get(signature) ?? all.length, all.length));
      } else if (all.length < 2) await from(all, history.at(-1)?.after ?? world);
    }
  };
  await from([], model.start());
  expect(found.size).toBeGreaterThan(3);
  const { standing } = await exploreAll({ depth: 2, crew: alone(expander(explored, { recoverTo: -1 })) });
  expect(new Map(standing.met.map(({ signature, path }) => [signature, path.length]))).toEqual(found);
  for (const { path, signature } of standing.met) {
    const { verdict } = await runSteps(model, simulator, await stepsOf(explored, path));
    expect(verdict).toMatchObject({ kind: 'violated', violation: { signature } });
  }
});

test('from every state of one step of hardened an operator gets back, by what any operator would do', async () => {
  const hardened = await exploredOf({ profile: 'hardened', provider: 'podman-compose' });
  const { standing } = await exploreAll({ depth: 1, crew: alone(expander(hardened, { recoverTo: 1 })) });
  expect(standing.met).toEqual([]);
  expect(standing.recoverySteps).toBeGreaterThan(200);
});

test('where a machine does not get back, the steps are told', async () => {
  const homely = await exploredOf({ ...chosen, operations: ['remove-container'] });
  const { standing } = await exploreAll({ depth: 1, crew: alone(expander(homely, { recoverTo: 1 })) });
  expect(standing.met[0]).toMatchObject({
    kind: 'stuck',
    signature: expect.stringContaining('active-means-running'),
    remedies: [{ operation: 'rebuild', args: {} }],
  });
});

test.each([
  [{ operation: 'shadow-unit', args: { stack: 'web', directory: '~/.config/systemd/user.control' } }, 'is loaded from'],
  [{ operation: 'add-drop-in', args: { stack: 'web', directory: '/etc/systemd/user' } }, 'is extended by'],
])('a rebuild that fails, and has the manager read %j, breaks the promise about failures', async (drift, says) => {
  const { profile, provider } = chosen;
  const { model } = await exploredOf({ profile, provider });
  const simulator = createSimulator({ setup: model.start().setup, profile, provider });
  // The boot activates nothing that a rebuild then takes for done: it goes all the way to its own check, which comes after the reload.
  const steps = [{ operation: 'reboot', args: {} }, drift, { operation: 'rebuild', args: {} }];
  const { verdict } = await runSteps(model, simulator, steps, { evidence: false });
  expect(verdict).toMatchObject({ kind: 'violated', violation: { invariant: 'nothing-half-applied' } });
  expect(verdict).toMatchObject({ violation: { details: [expect.stringContaining(says)] } });
});
