import { updateMayFail, updateMustFail } from '../../families/update.ts';
import { operation } from '../../operation.ts';

/** `podman auto-update --dry-run`: says what an update would do, and changes nothing (facts.md F42). */
export default operation({
  kind: 'command',
  needs: ['autoUpdate dry-run'],
  describe: () => 'ask what an image update would do',
  choices: ({ manager }) => (manager === 'running' ? [{}] : []),
  allowed: ({ manager }) => manager === 'running',
  apply: host => host.autoUpdate('dry-run'),
  mayFail: world => [...updateMustFail(world), ...updateMayFail(world)],
  expected: world => world,
});
