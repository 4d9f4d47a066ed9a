import { drift, type Replacement, replacing } from '../../families/drift.ts';
import { unitOf, wantsPath } from '../../machine/search-path.ts';

const kinds = ['identical', 'empty', 'stale', 'dangling', 'mask', 'directory', 'nothing'] as const;

/** Something else, or nothing, is where default.target's link to the unit should be (scenario S07). */
export default drift<{ stack: string; by: Replacement | 'edited' | 'foreign' }>({
  describe: ({ stack, by }) => `put ${by} in place of the link by which default.target wants ${unitOf(stack)}`,
  choices: (stack, world) =>
    [...replacing(kinds, world, stack), 'edited' as const, 'foreign' as const].map(by => ({ stack, by })),
  path: ({ stack }, { setup }) => wantsPath(setup.owner, stack),
  what: ({ by }) => (by === 'edited' || by === 'foreign' ? { kind: by, marker: by } : { kind: by }),
});
