import { expect, test } from 'vitest';
import { homelab } from '../../../models/homelab.ts';
import { compare } from './differential.ts';
import { createSimulator } from './index.ts';
import { type Call, randomCalls } from './random-calls.ts';

const simulator = (provider: 'docker-compose' | 'podman-compose') => createSimulator({ setup: homelab, provider });

test('a seed is always the same calls', () => {
  const titles = (seed: string) => randomCalls(homelab, seed, 20).map(call => call.title);
  expect(titles('a')).toEqual(titles('a'));
  expect(titles('a')).not.toEqual(titles('b'));
});

test('two simulators show the same all the way', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const calls = randomCalls(homelab, `same ${seed}`, 30);
    expect(await compare(simulator('podman-compose'), simulator('podman-compose'), calls)).toBeNull();
  }
});

test('a difference is named with the calls before it, the fields and the claims', async () => {
  const remove: Call = { kind: 'remove', title: 'remove', make: levers => levers.container('remove', 'duo', 'db') };
  const calls = [remove];
  const found = await compare(simulator('docker-compose'), simulator('podman-compose'), calls);
  expect(found?.after).toEqual(['reset', 'remove']);
  expect(found?.fields.join('\n')).toContain('.containers.duo/db: undefined');
  expect(found?.fields).toContain('claim: 0 / 125');
});
