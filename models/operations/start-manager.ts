import { startedOrFailed } from '../lifecycle.ts';
import { operation } from '../operation.ts';
import { reloaded } from '../systemd.ts';

/** Start the user manager again: it reads every unit file anew and starts what default.target wants. */
export default operation({
  kind: 'command',
  weight: 3,
  describe: () => 'start the user manager',
  choices: world => (world.manager === 'down' ? [{}] : []),
  allowed: world => world.manager === 'down',
  apply: host => host.manager('start'),
  expected: (world, _args, claim) =>
    claim.ok ? Object.keys(world.stacks).reduce(startedOrFailed, reloaded({ ...world, manager: 'running' })) : world,
});
