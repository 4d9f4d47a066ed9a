import { expect, test } from 'vitest';
import { ownHomelab } from '../../../models/own-homelab.ts';
import { firstWorld } from '../../../models/transitions/first.ts';
import { alike } from '../../../models/observation.ts';
import { expectedObservation } from '../../../models/expected-observation.ts';
import { createSimulator } from './index.ts';

test('a fresh machine shows what the model believes', async () => {
  const host = createSimulator({ setup: ownHomelab, provider: 'docker-compose' });
  await host.reset();
  const seen = await host.observe();
  const believed = expectedObservation(firstWorld(ownHomelab));
  expect(seen.containers).toMatchObject(Object.fromEntries(Object.entries(believed.containers).map(([name, { state, settings }]) => [name, { state, settings }])));
  expect(alike(seen, believed)).toBe(true);
  expect(seen.volumes).toEqual({ media_data: 1 });
});
