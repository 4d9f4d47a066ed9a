import { expect, test } from 'vitest';
import { bench, editedFile, ownedPath, unitIn, webUnit } from '../../../../tests/helpers/simulated-host.ts';

test('an unchanged generation is not activated again: drift stays and the claim is success (defects.md D09)', async () => {
  const host = await bench();
  const declaration = host.changed('web', 'app', { greeting: 'goodbye' });
  expect((await host.rebuild(declaration)).ok).toBe(true);
  await host.drift(editedFile);
  expect((await host.rebuild(declaration)).ok).toBe(true);
  expect((await host.observe()).files[ownedPath]?.kind).toBe('file');
});

test('one that failed is activated again by the next rebuild (facts.md F37)', async () => {
  const host = await bench();
  await host.drift(editedFile);
  const declaration = host.changed('web', 'app', { greeting: 'goodbye' });
  expect((await host.rebuild(declaration)).status).toBe(4);
  expect((await host.rebuild(declaration)).status).toBe(4);
  await host.drift({ kind: 'nothing' });
  expect((await host.rebuild(declaration)).ok).toBe(true);
  expect((await host.observe()).generation).toEqual({ profile: 2, home: 2 });
});

test('a rollback goes to the generation before, with units and containers (facts.md F39)', async () => {
  const host = await bench();
  await host.change('web', 'app', { tag: 'v2' });
  expect((await host.rollback()).ok).toBe(true);
  const seen = await host.observe();
  expect(seen.generation).toEqual({ profile: 1, home: 1 });
  expect(unitIn(seen)).toMatchObject({ revision: 1, restarted: true });
  expect(seen.containers['web/app']).toMatchObject({ tag: 'stable', image: 'v1' });
  const claim = await host.rollback();
  expect(claim).toMatchObject({ ok: false, status: 1 });
  expect(claim.message).toContain('no profile version older than the current (1)');
});

test('the profile makes a new generation only of what is not the newest: forward again is the same one', async () => {
  const host = await bench();
  const second = host.changed('web', 'app', { tag: 'v2' });
  await host.rebuild(second);
  await host.rollback();
  await host.rebuild(second);
  await host.rollback();
  expect((await host.observe()).generation.profile).toBe(1);
  expect((await host.rollback()).ok).toBe(false);
});

test('the profile moves also where the activation is refused', async () => {
  const host = await bench();
  await host.drift(editedFile);
  await host.change('web', 'app', { tag: 'v2' });
  expect((await host.observe()).generation).toEqual({ profile: 2, home: 1 });
  expect((await host.systemctl('restart', webUnit)).ok).toBe(true);
});
