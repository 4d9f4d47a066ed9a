import { operation } from '../../operation.ts';
import { rebuildMayFail, rebuildMustFail, rebuilt } from '../../transitions/generations.ts';

/** Rebuild with the unchanged configuration: nothing to do, unless an earlier rebuild failed or something was changed by hand. */
export default operation({
  kind: 'command',
  needs: ['rebuild'],
  weight: 4,
  describe: () => 'rebuild without a change',
  choices: () => [{}],
  allowed: () => true,
  apply: (host, _args, world) => host.rebuild(world.declared),
  mayFail: world => rebuildMayFail(world, world.declared),
  mustFail: world => rebuildMustFail(world, world.declared),
  expected: (world, _args, claim) => rebuilt(world, world.declared, claim),
});
