import { expect, test } from 'vitest';
import { homelab } from '../../../models/homelab.ts';
import type { Host } from '../../../models/host.ts';
import { ownHomelab } from '../../../models/own-homelab.ts';
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

test('what a container shows only while it runs is compared only then', async () => {
  const own = () => createSimulator({ setup: ownHomelab, provider: 'docker-compose' });
  const real = own();
  // A look at a real machine sees nothing of a container without a process.
  const looked: Host = {
    ...real,
    observe: async () => {
      const seen = await real.observe();
      const containers = Object.entries(seen.containers).map(([name, one]) => [
        name,
        one.state === 'running' ? one : { ...one, effect: '' },
      ]);
      return { ...seen, containers: Object.fromEntries(containers) };
    },
  };
  const stop: Call = { kind: 'stop', title: 'stop', make: levers => levers.container('stop', 'media', 'app') };
  expect(await compare(own(), looked, [stop])).toBeNull();
});
