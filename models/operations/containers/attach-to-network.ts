import { operation } from '../../operation.ts';
import { foreignContainer } from '../../transitions/foreign-containers.ts';
import { stackIn } from '../../transitions/systemd.ts';
import type { World } from '../../world.ts';

const nameFor = (stack: string) => `${stack}-holder`;

/** A container of the operator's own is attached to a stack's network, which then cannot be removed (defects.md D24). */
export default operation<{ stack: string }>({
  kind: 'drift',
  formerly: ['hold-network'],
  needs: ['addContainer on-network'],
  describe: ({ stack }) => `hang a container of one's own on the network of ${stack}`,
  choices: world =>
    Object.keys(world.stacks)
      .filter(stack => isPossible(world, stack))
      .map(stack => ({ stack })),
  allowed: (world, { stack }) => Object.hasOwn(world.stacks, stack) && isPossible(world, stack),
  apply: (host, { stack }) => host.addContainer('on-network', stack),
  expected: (world, { stack }) => ({
    ...world,
    strangers: { ...world.strangers, [nameFor(stack)]: foreignContainer(world, nameFor(stack)) },
  }),
});

/** The network exists as long as a container of the stack runs; where nothing is known, it may not. */
const isPossible = (world: World, stack: string): boolean =>
  world.manager === 'running' &&
  world.uncertain === null &&
  world.strangers[nameFor(stack)] === undefined &&
  Object.values(stackIn(world, stack).containers).some(({ state, unit }) => state === 'running' && unit !== '');
