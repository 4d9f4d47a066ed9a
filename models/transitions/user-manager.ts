import type { World } from '../world.ts';
import { ended, startedOrFailed } from './lifecycle.ts';
import { followed } from './lookup.ts';
import { eachStack, managerCannotStart, reloaded } from './systemd.ts';

/** The world after the user manager has ended; every container ends with it (facts.md F21). */
export const withoutManager = (world: World): World => ({
  ...eachStack(world, (_stack, at) => ({
    active: 'inactive',
    containers: world.setup.traits.ownUnits ? {} : ended(at.containers),
    begun: 0,
  })),
  manager: 'down',
  strangers: ended(world.strangers),
  strayTimers: [],
});

/**
 * The same where logind has also forgotten the operator: their runtime directory is removed with all its files (facts-debian13
 * F88, F92).
 */
export const withoutRuntime = (world: World): World => sweptOf('%t/', withoutManager(world));

/**
 * The world after a new manager has read every unit file and started what default.target wants. Where it cannot load that target it
 * ends again (facts.md F210).
 */
export const withManager = (world: World): World => {
  const swept = sweptOf('%t/systemd/transient/', world);
  return managerCannotStart(swept).length > 0 ? swept : wantedIn(reloaded({ ...swept, manager: 'running' }));
};

const wantedIn = (world: World): World =>
  Object.keys(world.stacks)
    .filter(stack => world.stacks[stack]?.wanted)
    .reduce(startedOrFailed, world);

/** A manager empties its transient directory when it starts. */
export const sweptOf = (beginning: string, world: World): World => {
  const swept = eachStack(world, (_stack, at) => ({
    files: followed(Object.fromEntries(Object.entries(at.files).filter(([path]) => !path.startsWith(beginning)))),
  }));
  const { lookup } = world;
  return { ...swept, lookup: { ...lookup, empty: lookup.empty.filter(path => !path.startsWith(beginning)) } };
};
