import { drift } from '../../families/drift.ts';
import { searchPathOf, type UnitDirectory, unitOf, unitPath } from '../../machine/search-path.ts';

/** A copy of the unit appears in another directory of the search path: the igpu incident (defects.md D01, scenario S01). */
export default drift<{ stack: string; directory: UnitDirectory }>({
  describe: ({ stack, directory }) => `leave a copy of ${unitOf(stack)} in ${directory}`,
  choices: (stack, { setup }) =>
    searchPathOf(setup.owner)
      .filter(directory => directory !== setup.owner)
      .map(directory => ({ stack, directory })),
  path: ({ stack, directory }) => unitPath(directory, stack),
  what: () => ({ kind: 'edited', marker: 'shadow' }),
});
