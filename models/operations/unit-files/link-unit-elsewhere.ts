import { drift } from '../../families/drift.ts';
import { type UnitDirectory, unitOf, unitPath } from '../../machine/search-path.ts';

/** An operator, or a dotfile manager, links the unit to a file of its own (scenario S07). */
export default drift<{ stack: string; directory: UnitDirectory }>({
  describe: ({ stack }) => `link ${unitOf(stack)} to a file elsewhere`,
  choices: (stack, { setup }) => [{ stack, directory: setup.owner }],
  path: ({ stack, directory }) => unitPath(directory, stack),
  what: () => ({ kind: 'foreign', marker: 'foreign' }),
});
