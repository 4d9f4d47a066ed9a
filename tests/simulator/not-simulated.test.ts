import { expect, test } from 'vitest';
import { homelab } from '../../models/homelab.ts';
import { Unable } from '../../models/host.ts';
import { type Need, notSimulated, whyNotSimulated } from '../../models/role.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { createSimulator } from '../../src/hosts/simulator/index.ts';

const { operations } = await loadCatalog();
const host = createSimulator({ setup: homelab, provider: 'docker-compose', profile: 'home-manager' });

test('the simulator lacks the levers that it is said to lack, and no other that an operation needs at the start', async () => {
  const world = modelOf({ operations, invariants: new Map(), scenarios: new Map(), own: new Map() }, homelab).start();
  const unable: string[] = [];
  const possible = [...operations].filter(([, { choices }]) => choices(world).length > 0);
  for (const [name, { choices, apply }] of possible) {
    await host.reset();
    const outcome = await apply(host, choices(world)[0] ?? {}, world).catch((error: unknown) => error);
    if (outcome instanceof Unable) unable.push(name);
    else if (outcome instanceof Error) throw outcome;
  }
  const said = possible.filter(([, { needs }]) => whyNotSimulated(needs) !== undefined).map(([name]) => name);
  expect(unable).toEqual(said);
  expect(said.length).toBeGreaterThan(2);
});

test('each of them is a lever that there is, and a search on the simulator draws nothing that needs it', async () => {
  const model = modelOf(
    { operations, invariants: new Map(), scenarios: new Map(), own: new Map() },
    homelab,
    'simulator',
  );
  const needs = new Set([...model.operations.values()].flatMap(operation => operation.needs));
  for (const need of Object.keys(notSimulated) as Need[]) expect(needs).not.toContain(need);
  expect(needs.size).toBeGreaterThan(40);
});
