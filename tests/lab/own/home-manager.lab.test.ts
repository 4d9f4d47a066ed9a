import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../../models/host.ts';
import { type Declaration, edited } from '../../../models/machine/declaration.ts';
import type { FreshMachine } from '../../../src/hosts/deployment.ts';
import { buildRoot, labAvailable } from '../../../src/hosts/lab/index.ts';
import { labMachines } from '../../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../../src/hosts/real/real.ts';
import { loadProfile } from '../../../src/profiles/profile.ts';
import { isTurnAmong } from '../../../src/setup/share.mjs';
import { labDeployment } from '../../helpers/lab-host.ts';

const fixture = join(import.meta.dirname, '../../fixtures/activation-package');

/**
 * One machine whose rebuilds run an activation package that Nix has made; it takes turns, since it prepares a machine of its
 * own.
 */
describe.skipIf(!labAvailable().ok || !isTurnAmong(3, 5))('Home Manager of an operator’s own', () => {
  let host: Host;
  let machine: FreshMachine;
  let first: Declaration;
  let second: Declaration;
  const shown = async (script: string, as: 'operator' | 'root' = 'operator'): Promise<string> => {
    const ran = await machine.channel.run(script, { as });
    expect(ran, script).toMatchObject({ status: 0 });
    return ran.stdout.trim();
  };
  beforeAll(async () => {
    await buildRoot(); // the compose file of the package's stack is read in it
    const own = loadProfile('home-manager', [], [join(fixture, '26.05.closure'), join(fixture, 'cache-26.11')]);
    first = own.declaration;
    second = edited(first, 'photos', services =>
      Object.fromEntries(Object.entries(services).map(([name, service]) => [name, { ...service, tag: 'v1' }])),
    );
    const deployment = labDeployment(own, 'docker-compose');
    const machines = await labMachines(deployment, { expected: 1 });
    host = realHost({
      ...deployment,
      machines: {
        ...machines,
        async take() {
          machine = await machines.take();
          return machine;
        },
      },
    });
    await host.reset();
  }, 900_000);
  afterAll(() => host?.close());

  test('its activation has run, with its own files and the stack that its unit runs', async () => {
    expect(Object.keys(first.stacks)).toEqual(['photos']);
    expect(await shown('cat ~/.vimrc; systemctl --user is-active notes.service photos-stack.service')).toBe(
      'version 26.05\nactive\nactive',
    );
    // A step of the package wrote this link; the package's own nix-store made the other.
    expect(await shown('readlink -e ~/.local/state/home-manager/gcroots/current-home')).toBe(
      await shown('cat ~/.last-activation'),
    );
    expect((await host.observe()).units['photos-stack.service']).toMatchObject({ activeState: 'active' });
  });

  test('the next rebuild takes the next package, and a rollback the one before', async () => {
    expect(await host.rebuild(second)).toMatchObject({ ok: true });
    expect(await shown('cat ~/.vimrc')).toBe('version 26.11');
    expect(await host.rollback()).toMatchObject({ ok: true });
    expect(await shown('cat ~/.vimrc')).toBe('version 26.05');
  });

  test('a file in the way is refused by its own check, before anything changed', async () => {
    await shown('rm ~/.vimrc; echo mine > ~/.vimrc');
    expect(await host.rebuild(second)).toMatchObject({ ok: false, outcomes: [{ kind: 'refused' }] });
    expect(await shown('cat ~/.vimrc')).toBe('mine');
    await shown('rm ~/.vimrc');
    expect(await host.rebuild(second)).toMatchObject({ ok: true });
  });
});
