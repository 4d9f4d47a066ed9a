import { stackEdit } from '../../families/mutation.ts';

/**
 * The operator changes only the unit of a stack, and rebuilds: its variables are those of another revision, and its compose file is
 * as it was (scenario S03). What runs need not be made anew, but the unit that is loaded is the new one.
 */
export default stackEdit<{ stack: string }>({
  describe: ({ stack }) => `change the text of the unit of ${stack} and nothing else`,
  choices: (_project, stack) => [{ stack }],
  change: () => ({}),
});
