import { expect, test } from 'vitest';
import { simulated } from './machines.ts';
import { targetOf } from './options.ts';

test('a simulated machine lets a signal be heard at each reset, whatever it is used for', async () => {
  let isHeard = false;
  setImmediate(() => {
    isHeard = true;
  });
  await simulated(targetOf('hardened')).reset();
  expect(isHeard).toBe(true);
});
