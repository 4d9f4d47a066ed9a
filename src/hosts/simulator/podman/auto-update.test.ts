import { expect, test } from 'vitest';
import { bench } from '../../../../tests/helpers/simulated-host.ts';

test.each([
  ['docker-compose', 'raw-image name is empty'],
  ['podman-compose', 'pod has no infra container'],
] as const)('with %s it fails, even with nothing new (facts-debian13 F94)', async (provider, reason) => {
  const host = await bench(provider);
  const claim = await host.autoUpdate();
  expect(claim).toMatchObject({ ok: false, status: 125 });
  expect(claim.updates).toBeUndefined();
  expect(claim.message).toContain(reason);
});

test('nothing that runs and is labelled: success, and nothing to report (facts-debian13 F93)', async () => {
  const host = await bench();
  await host.manager('stop');
  expect(await host.autoUpdate()).toEqual({ ok: true, status: 0, message: '' });
});
