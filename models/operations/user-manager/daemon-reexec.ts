import { operation } from '../../operation.ts';
import { reloaded } from '../../transitions/systemd.ts';

/** Make the user manager execute itself again: it reads every unit file again, and restarts nothing. */
export default operation({
  kind: 'command',
  needs: ['systemctl daemon-reexec'],
  weight: 1,
  describe: () => 'have the user manager execute itself anew',
  choices: world => (world.manager === 'running' ? [{}] : []),
  allowed: world => world.manager === 'running',
  apply: host => host.systemctl('daemon-reexec'),
  expected: (world, _args, claim) => (claim.ok ? reloaded(world) : world),
});
