import { expect, test } from 'vitest';
import { type Host, Unstarted } from '../../models/host.ts';
import { nothingDeclared } from '../../models/machine/declaration.ts';
import { loadCatalog, modelOf } from '../catalog.ts';
import { runSteps } from '../engine/run/run.ts';
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

test('a rollback from the first declaration leads to the one without a stack, and a rebuild back', async () => {
  const { profile, provider } = targetOf('hardened');
  const on = modelConfigOf({ profile, provider, before: nothingDeclared(profile.declaration) });
  const model = modelOf(await loadCatalog(), on, 'simulator');
  const host = createSimulator({ setup: on, provider, profile: 'hardened' });
  await fromHealthyBaseline({ ...host, name: 'somebody' }, on).reset();
  const steps = ['rollback', 'rebuild', 'rollback'].map(operation => ({ operation, args: {} }));
  const { verdict, taken } = await runSteps(model, host, steps, { evidence: false });
  expect([verdict.kind, taken.map(({ skipped }) => skipped)]).toEqual(['held', [false, false, false]]);
  expect((await host.observe()).units).toEqual({});
  const thrownAway = modelOf(await loadCatalog(), config, 'simulator').start();
  expect([model.start().generations.length, thrownAway.generations.length]).toEqual([2, 1]);
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
