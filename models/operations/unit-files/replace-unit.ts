import { drift, type Replacement, replacing } from '../../families/drift.ts';
import { unitOf, unitPath } from '../../machine/search-path.ts';

const kinds = ['identical', 'empty', 'stale', 'dangling', 'mask', 'directory', 'nothing'] as const;

/** Something else, or nothing, is where the owner's link to the unit should be (scenario S07). */
export default drift<{ stack: string; by: Replacement }>({
  describe: ({ stack, by }) => `put ${inWords[by]} in place of ${unitOf(stack)}`,
  choices: (stack, world) => replacing(kinds, world, stack).map(by => ({ stack, by })),
  path: ({ stack }, { setup }) => unitPath(setup.owner, stack),
  what: ({ by }) => ({ kind: by }),
});

const inWords: Readonly<Record<Replacement, string>> = {
  identical: 'a file of the same bytes',
  empty: 'an empty file',
  stale: 'the link of an older generation',
  dangling: 'a link that leads nowhere',
  mask: 'a link to /dev/null',
  directory: 'a directory',
  nothing: 'nothing',
};
