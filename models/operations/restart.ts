import { driftedOf } from '../generations.ts';
import { failedToStart, secretsMissing, started } from '../lifecycle.ts';
import { operation } from '../operation.ts';
import { unitOf } from '../search-path.ts';

/** Restart a stack's unit: the definition in the manager's memory runs, whatever the disk says. */
export default operation<{ stack: string }>({
  kind: 'command',
  weight: 2,
  describe: ({ stack }) => `restart ${unitOf(stack)}`,
  choices: world => (world.manager === 'running' ? Object.keys(world.stacks).map(stack => ({ stack })) : []),
  allowed: (world, { stack }) => world.manager === 'running' && stack in world.stacks,
  apply: (host, { stack }) => host.systemctl('restart', unitOf(stack)),
  grounds: (world, { stack }) => [
    ...secretsMissing(world, stack).map(secret => `the secret ${secret} is missing`),
    ...driftedOf(world, stack).map(path => `${path} has drifted`),
  ],
  expected: (world, { stack }, claim) => (claim.ok ? started(world, stack) : failedToStart(world, stack)),
});
