import { operation } from '../../operation.ts';
import { foreignContainer } from '../../transitions/foreign-containers.ts';
import { stackIn, withStack } from '../../transitions/systemd.ts';
import type { World } from '../../world.ts';

/** Somebody runs a container with the labels of a stack's project, which no compose file declares (defects.md D41). */
export default operation<{ stack: string }>({
  kind: 'drift',
  formerly: ['intrude'],
  needs: ['addContainer foreign'],
  describe: ({ stack }) => `run a container that claims to be of ${stack}`,
  choices: world =>
    Object.keys(world.stacks)
      .filter(stack => isPossible(world, stack))
      .map(stack => ({ stack })),
  allowed: (world, { stack }) => isPossible(world, stack),
  apply: (host, { stack }) => host.addContainer('foreign', stack),
  expected: (world, { stack }) =>
    withStack(world, stack, {
      containers: { ...stackIn(world, stack).containers, intruder: foreignContainer(world, `${stack}/intruder`) },
    }),
});

const isPossible = ({ manager, stacks }: World, stack: string): boolean =>
  manager === 'running' && Object.hasOwn(stacks, stack) && stacks[stack]?.containers.intruder === undefined;
