import { startedOrFailed } from '../lifecycle.ts';
import { operation } from '../operation.ts';
import { eachStack, reloaded } from '../systemd.ts';
import type { World } from '../world.ts';

/** Start the user manager again: it reads every unit file anew and starts what default.target wants. */
export default operation({
  kind: 'command',
  weight: 3,
  describe: () => 'start the user manager',
  choices: world => (world.manager === 'down' ? [{}] : []),
  allowed: world => world.manager === 'down',
  apply: host => host.manager('start'),
  expected: (world, _args, claim) => (claim.ok ? wantedIn(reloaded(swept({ ...world, manager: 'running' }))) : world),
});

/** The world after a fresh manager has started what default.target wants. */
const wantedIn = (world: World): World =>
  Object.keys(world.stacks)
    .filter(stack => world.stacks[stack]?.wanted)
    .reduce(startedOrFailed, world);

/** A manager empties its transient directory when it starts: what stood there lasts no longer than it. */
const swept = (world: World): World =>
  eachStack(world, (_stack, at) => ({
    ...at,
    files: Object.fromEntries(Object.entries(at.files).filter(([path]) => !path.startsWith('%t/systemd/transient/'))),
  }));
