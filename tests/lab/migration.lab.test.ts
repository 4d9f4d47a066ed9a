import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Declaration } from '../../models/machine/declaration.ts';
import { nothingDeclared } from '../../models/machine/declaration.ts';
import { audit } from '../../src/audit/audit.ts';
import type { ExpectedOwner } from '../../src/audit/checks/expected-owner.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import type { Deployment } from '../../src/hosts/deployment.ts';
import { boot, type LabMachine, labAvailable } from '../../src/hosts/lab/index.ts';
import { labOperator } from '../../src/hosts/paths.ts';
import { rebuilding } from '../../src/hosts/real/levers/profile.ts';
import { preparation, prepare } from '../../src/hosts/real/prepare.ts';

const nixos = deploymentOf(targetOf('nixos-etc'));
const homeManager = deploymentOf(targetOf('home-manager'));

/** The change of owners in the migration plan (docs/plan.md, W1 and Rollback), on one machine. */
describe.skipIf(!labAvailable().ok)('the check of a migration', () => {
  let machine: LabMachine;
  beforeAll(async () => {
    machine = await boot();
  });
  afterAll(() => machine?.down());

  /** What the audit says about the owners. */
  const said = async (owner: ExpectedOwner): Promise<readonly string[]> =>
    (await audit(machine.channel, labOperator, { owner })).findings
      .filter(({ kind }) => kind === 'ownership')
      .map(({ unit, subject, says }) => `${unit}: ${subject} ${says}`);
  /** Makes an owner install its declaration, after its commits are there. */
  const rebuilt = async (deployment: Deployment, declaration: Declaration): Promise<void> => {
    const [copying, secrets] = preparation(deployment);
    for (const lever of [copying, secrets, rebuilding(deployment, declaration)]) {
      if (lever === undefined) continue;
      const ran = await machine.channel.run(lever.script, { as: lever.as, timeoutMs: 120_000 });
      expect(ran, lever.title).toMatchObject({ status: 0 });
    }
  };
  const nothing = nothingDeclared(nixos.profile.declaration);

  it('before, with both, after, and after the rollback', async () => {
    await prepare(machine.channel, nixos);
    expect(await said('nixos-etc')).toEqual([]);
    expect(await said('home-manager')).toContainEqual(
      'web-stack.service: web-stack.service has no file of home-manager, which is to own it',
    );

    // Now Home Manager has them, and those of NixOS were not removed.
    await prepare(machine.channel, homeManager);
    const both = await said('home-manager');
    for (const stack of ['web', 'duo'])
      expect(both).toContainEqual(
        `${stack}-stack.service: /etc/systemd/user/${stack}-stack.service is of nixos-etc, though home-manager is to be the only owner`,
      );
    expect(await said('nixos-etc')).toContainEqual(
      expect.stringMatching(/^web-stack.service: .*is of home-manager, though nixos-etc is to be the only owner$/),
    );

    await rebuilt(nixos, nothing);
    expect(await said('home-manager')).toEqual([]);
    expect(await said('nixos-etc')).toHaveLength(6);

    // The rollback of the plan: the commits are reverted, and the host is rebuilt.
    await rebuilt(homeManager, nothing);
    await rebuilt(nixos, nixos.profile.declaration);
    // NixOS starts no user unit: until somebody starts it, there is nothing in memory to compare.
    await machine.channel.run('systemctl --user start web-stack.service duo-stack.service', { timeoutMs: 120_000 });
    expect(await said('nixos-etc')).toEqual([]);
    expect(await said('home-manager')).toHaveLength(6);
  });
});
