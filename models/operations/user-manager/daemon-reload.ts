import { operation } from '../../operation.ts';
import { reloaded } from '../../transitions/systemd.ts';

/** Make the user manager read every unit file again. It restarts nothing. */
export default operation({
  kind: 'command',
  needs: ['systemctl daemon-reload'],
  weight: 2,
  describe: () => 'reload the user manager',
  choices: world => (world.manager === 'running' ? [{}] : []),
  allowed: world => world.manager === 'running',
  apply: host => host.systemctl('daemon-reload'),
  expected: (world, _args, claim) => (claim.ok ? reloaded(world) : world),
});
