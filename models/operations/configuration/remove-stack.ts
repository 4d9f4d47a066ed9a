import { edit } from '../../families/mutation.ts';
import { withStackRemoved } from '../../machine/declaration.ts';

/** The operator removes a stack from the configuration, and rebuilds; never the last one. */
export default edit<{ stack: string }>({
  describe: ({ stack }) => `take the stack ${stack} out`,
  choices: ({ declared }) => {
    const stacks = Object.keys(declared.stacks);
    return stacks.length > 1 ? stacks.map(stack => ({ stack })) : [];
  },
  wanted: ({ declared }, { stack }) => withStackRemoved(declared, stack),
});
