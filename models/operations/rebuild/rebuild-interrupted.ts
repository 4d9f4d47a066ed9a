import { rebuildInMode } from '../../families/rebuild-modes.ts';
import { rebuilt, unsettled } from '../../transitions/generations.ts';

/**
 * A rebuild is killed after it has made its links, and before the manager has reloaded (facts.md F25). A rebuild that ends
 * before that point is an ordinary one.
 */
export default rebuildInMode({
  mode: 'interrupted',
  says: 'until it is killed between its links and its switch',
  changes: ['environment', 'stack'],
  mayFail: () => ['it is killed half way'],
  expected: (world, declaration, claim) =>
    claim.status === 137
      ? unsettled(world, declaration, `the rebuild of revision ${declaration.revision} was killed half way`)
      : rebuilt(world, declaration, claim),
});
