import { drift } from '../../families/drift.ts';
import { type UnitDirectory, unitOf, unitPath } from '../../machine/search-path.ts';

/** An operator replaces the owner's link with a file of their own, to try something (scenario S07). */
export default drift<{ stack: string; directory: UnitDirectory }>({
  describe: ({ stack }) => `edit ${unitOf(stack)} in place`,
  choices: (stack, { setup }) => [{ stack, directory: setup.owner }],
  path: ({ stack, directory }) => unitPath(directory, stack),
  what: () => ({ kind: 'edited', marker: 'edited' }),
});
