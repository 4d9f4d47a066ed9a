import { isActive, starting, userVerb } from '../../families/verbs.ts';
import { doubtsAbout, remade, startMustFail } from '../../transitions/lifecycle.ts';
import { stackIn, withStack } from '../../transitions/systemd.ts';
import { laidOutContainer, type World } from '../../world.ts';

const nothing: readonly string[] = [];

/** Start a stack's unit. If it is active already, nothing is run (facts.md F17), as long as it has a definition. */
export default userVerb({
  verb: 'start',
  kind: 'command',
  says: 'start',
  mayFail: (world, stack) => (runs(world, stack) ? nothing : starting.mayFail(world, stack)),
  mustFail: (world, stack) => (runs(world, stack) ? nothing : starting.mustFail(world, stack)),
  expected: (world, stack, ok) => {
    if (!isActive(world, stack)) return starting.expected(world, stack, ok);
    return ok && world.setup.traits.ownUnits ? perhapsCompleted(world, stack) : world;
  },
});

/**
 * A stack whose unit was active, and wants units of which some had ended: these are started too, and nobody waits for them or hears
 * whether they could be (systemd.unit(5), Wants=).
 */
function perhapsCompleted(world: World, stack: string): World {
  const { containers } = stackIn(world, stack);
  const project = world.installed.stacks[stack]?.services ?? {};
  const ended = Object.keys(project).filter(service => containers[service]?.state !== 'running');
  if (ended.length === 0) return world;
  const after = remade(world, stack, ended);
  if (startMustFail(world, stack).length + doubtsAbout(world, stack).length === 0) return after;
  const unknown = Object.entries(stackIn(after, stack).containers).map(
    ([name, one]) => [name, ended.includes(name) ? laidOutContainer(one, 'unknown') : one] as const,
  );
  return withStack(after, stack, { containers: Object.fromEntries(unknown) });
}

/** A unit that is active and masked, or has lost its definition, is refused as in any other state. */
const runs = (world: World, stack: string): boolean =>
  isActive(world, stack) && stackIn(world, stack).loaded.loadState === 'loaded';
