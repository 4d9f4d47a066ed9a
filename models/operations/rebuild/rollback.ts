import { canRollBack, earlier } from '../../families/rollback.ts';
import { operation } from '../../operation.ts';
import { rebuildMayFail, rebuildMustFail, rebuilt } from '../../transitions/generations.ts';

/** Go back one generation. The configuration does not change, so the next rebuild goes forward again (scenario S12). */
export default operation({
  kind: 'command',
  needs: ['rollback'],
  weight: 2,
  describe: () => 'roll back one generation',
  choices: world => (canRollBack(world) ? [{}] : []),
  allowed: canRollBack,
  apply: host => host.rollback(),
  mayFail: world => rebuildMayFail(world, earlier(world)),
  mustFail: world => rebuildMustFail(world, earlier(world)),
  expected: (world, _args, claim) => {
    const back = { ...world, pointer: world.pointer - 1 };
    return { ...rebuilt(world, earlier(world), claim), generations: back.generations, pointer: back.pointer };
  },
});
