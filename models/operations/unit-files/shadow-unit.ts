import { drift } from '../../families/drift.ts';
import { searchPath, type UnitDirectory, unitOf, unitPath } from '../../machine/search-path.ts';

/** A copy of the unit appears in another directory of the search path: the igpu incident (defects.md D01, scenario S01). */
export default drift<{ stack: string; directory: UnitDirectory }>({
  describe: ({ stack, directory }) => `leave a copy of ${unitOf(stack)} in ${directory}`,
  choices: (stack, { setup }) =>
    searchPath.filter(directory => directory !== setup.owner).map(directory => ({ stack, directory })),
  path: ({ stack, directory }) => unitPath(directory, stack),
  what: () => ({ kind: 'edited', marker: 'shadow' }),
});
