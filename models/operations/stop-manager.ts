import { ended } from '../lifecycle.ts';
import { operation } from '../operation.ts';
import { eachStack } from '../systemd.ts';

/** Stop the user manager: every unit of the operator ends, and every container with it (scenario S11; facts.md F21). */
export default operation({
  kind: 'command',
  weight: 1,
  describe: () => 'stop the user manager',
  choices: world => (world.manager === 'running' ? [{}] : []),
  allowed: world => world.manager === 'running',
  apply: host => host.manager('stop'),
  expected: (world, _args, claim) =>
    claim.ok
      ? {
          ...eachStack(world, (_stack, at) => ({ ...at, active: 'inactive', containers: ended(at.containers) })),
          manager: 'down',
          strangers: ended(world.strangers),
          strayTimers: [],
        }
      : world,
});
