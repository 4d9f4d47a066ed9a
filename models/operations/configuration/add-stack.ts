import { edit } from '../../families/mutation.ts';
import { newProject, newStack } from '../../machine/additions.ts';
import { withStackAdded } from '../../machine/declaration.ts';
import type { World } from '../../world.ts';

/** The operator declares one more stack, or one that was removed before, and rebuilds. */
export default edit<{ stack: string }>({
  describe: ({ stack }) => `add the stack ${stack}`,
  choices: world => absent(world).map(stack => ({ stack })),
  wanted: ({ declared, setup }, { stack }) =>
    withStackAdded(declared, stack, setup.declaration.stacks[stack] ?? newProject),
});

const absent = ({ declared, setup }: World): readonly string[] =>
  [newStack, ...Object.keys(setup.declaration.stacks)].filter(stack => !Object.hasOwn(declared.stacks, stack));
