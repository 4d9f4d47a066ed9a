import { operation } from '../../operation.ts';
import { withoutManager, withoutRuntime } from '../../transitions/user-manager.ts';
import type { World } from '../../world.ts';

/** Stop the user manager: every unit of the operator ends, and every container with it (scenario S11; facts.md F21). */
export default operation({
  kind: 'command',
  needs: ['manager stop'],
  weight: 1,
  describe: () => 'stop the user manager',
  choices: world => (world.manager === 'running' ? [{}] : []),
  allowed: world => world.manager === 'running',
  apply: host => host.manager('stop'),
  expected: (world, _args, claim) => (claim.ok ? afterStop(world) : world),
});

/** If logind forgets the operator because of that, their runtime directory is removed too. */
const afterStop = (world: World): World =>
  world.setup.traits.logindForgets ? { ...withoutRuntime(world), forgotten: true } : withoutManager(world);
