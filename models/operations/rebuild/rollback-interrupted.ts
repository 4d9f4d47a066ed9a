import { canRollBack, earlier } from '../../families/rollback.ts';
import { operation } from '../../operation.ts';
import { rebuildMayFail, rebuildMustFail, rebuilt, unsettled } from '../../transitions/generations.ts';

/**
 * A rollback is killed after it has made its links, and before the manager has reloaded (facts.md F25). One that ends before that
 * point is an ordinary one.
 */
export default operation({
  kind: 'command',
  needs: ['rollback interrupted'],
  describe: () => 'roll back one generation until it is killed between its links and its switch',
  choices: world => (canRollBack(world) ? [{}] : []),
  allowed: canRollBack,
  apply: (host, _args, world) => host.rollback(earlier(world)),
  mayFail: world => [...rebuildMayFail(world, earlier(world)), 'it is killed half way'],
  mustFail: world => rebuildMustFail(world, earlier(world)),
  expected: (world, _args, claim) => {
    const to = earlier(world);
    const after =
      claim.status === 137
        ? unsettled(world, to, `the rollback to revision ${to.revision} was killed half way`)
        : rebuilt(world, to, claim);
    return { ...after, generations: world.generations, pointer: world.pointer - 1 };
  },
});
