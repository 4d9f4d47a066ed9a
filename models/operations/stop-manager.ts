import { operation } from '../operation.ts';
import { withoutManager } from '../user-manager.ts';

/** Stop the user manager: every unit of the operator ends, and every container with it (scenario S11; facts.md F21). */
export default operation({
  kind: 'command',
  weight: 1,
  describe: () => 'stop the user manager',
  choices: world => (world.manager === 'running' ? [{}] : []),
  allowed: world => world.manager === 'running',
  apply: host => host.manager('stop'),
  expected: (world, _args, claim) => (claim.ok ? withoutManager(world) : world),
});
