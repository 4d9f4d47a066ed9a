import { expect, test } from 'vitest';
import { type Host, Unstarted } from '../../models/host.ts';
import { createSimulator } from '../hosts/simulator/index.ts';
import { modelConfigOf } from '../profiles/setup.ts';
import { fromHealthyBaseline } from './baseline.ts';
import { targetOf } from './options.ts';

const target = targetOf();
const config = modelConfigOf(target);
const somebody = (): Host => ({ ...createSimulator({ setup: config, provider: target.provider }), name: 'somebody' });

test('a host that shows what the model starts from is one to start from, and is judged from then on', async () => {
  const inner = somebody();
  let isOdd = false;
  const host = fromHealthyBaseline(
    {
      ...inner,
      reset: async () => {
        await inner.reset();
        if (isOdd) await inner.systemctl('stop', 'web-stack.service');
      },
    },
    config,
  );
  await host.reset();
  isOdd = true;
  await host.reset();
  expect((await host.observe()).units['web-stack.service']).toMatchObject({ activeState: 'inactive' });
});

test('what differs is told field by field, and is no finding', async () => {
  const inner = somebody();
  const stopped = fromHealthyBaseline(
    {
      ...inner,
      reset: () =>
        inner
          .reset()
          .then(() => inner.systemctl('stop', 'web-stack.service'))
          .then(() => {}),
    },
    config,
  );
  const error = await stopped.reset().catch((error: unknown) => error);
  expect(error).not.toBeInstanceOf(Unstarted);
  expect((error as Error).message).toMatch(
    /^somebody is no healthy baseline.*\n(.*\n)* {2}units\["web-stack.service"\].activeState: expected "active", found "inactive"/,
  );
  const refused = fromHealthyBaseline(
    {
      ...inner,
      reset: () =>
        Promise.reject(new Unstarted('the first rebuild ended with 1', { ok: false, status: 1, message: '' })),
    },
    config,
  );
  await expect(refused.reset()).rejects.toThrow(/no healthy baseline.*\n {2}the first rebuild ended with 1/);
  const full = fromHealthyBaseline({ ...inner, ailment: async () => '/ is full' }, config);
  await expect(full.reset()).rejects.toThrow(/no healthy baseline.*\n {2}\/ is full/);
});
