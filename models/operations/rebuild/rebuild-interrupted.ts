import { rebuildInMode } from '../../families/rebuild-modes.ts';
import { rebuilt, unsettled } from '../../transitions/generations.ts';

/**
 * A rebuild is killed when its links stand, before the manager has heard of them (facts.md F25). One that ends before it
 * comes to that is a rebuild like any other.
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
