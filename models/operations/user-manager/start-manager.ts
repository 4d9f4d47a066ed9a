import { operation } from '../../operation.ts';
import { managerCannotStart } from '../../transitions/systemd.ts';
import { withManager } from '../../transitions/user-manager.ts';
import type { World } from '../../world.ts';

/** Start the user manager again: it reads every unit file and starts what default.target wants. */
export default operation({
  kind: 'command',
  needs: ['manager start'],
  weight: 3,
  describe: () => 'start the user manager',
  choices: world => (isPossible(world) ? [{}] : []),
  allowed: isPossible,
  apply: host => host.manager('start'),
  mustFail: managerCannotStart,
  // One that fails has read everything by then.
  expected: (world, _args, claim) => (claim.ok || managerCannotStart(world).length > 0 ? withManager(world) : world),
});

/** Without linger logind is still ending the old manager: a start 1 s later timed out (systemd 257). */
function isPossible(world: World): boolean {
  return world.manager === 'down' && world.linger;
}
