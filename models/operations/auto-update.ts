import { driftedOf } from '../generations.ts';
import type { Claim } from '../host.ts';
import { failedToStart, obstaclesTo, started } from '../lifecycle.ts';
import { operation } from '../operation.ts';
import { unitOf } from '../search-path.ts';
import { stackIn } from '../systemd.ts';
import type { World } from '../world.ts';

/** Let the profile's updater look for newer images and restart what runs an older one (scenarios S08, S13). */
export default operation({
  kind: 'command',
  weight: 1,
  describe: () => 'run the image update',
  choices: world => (world.manager === 'running' ? [{}] : []),
  allowed: world => world.manager === 'running',
  apply: host => host.autoUpdate(),
  grounds: world =>
    outdated(world).flatMap(stack => [
      ...obstaclesAfter(world, stack),
      ...driftedOf(world, stack).map(path => `${path} has drifted`),
    ]),
  expected: (before, _args, claim) => {
    const stacks = outdated(before);
    if (!claim.ok) return stacks.filter(stack => triedInVain(before, stack, claim)).reduce(failedToStart, before);
    const images = { ...before.images, ...newest(before, stacks) };
    return stacks.reduce(started, { ...before, images });
  },
});

/** What keeps a stack from running once its tags mean what they do in the registry. */
const obstaclesAfter = (world: World, stack: string): readonly string[] =>
  obstaclesTo({ ...world, images: { ...world.images, ...newest(world, [stack]) } }, stack);

/** Whether the updater says that it restarted a stack which something kept from starting. */
const triedInVain = (world: World, stack: string, { updates }: Claim): boolean =>
  obstaclesTo(world, stack).length > 0 &&
  updates?.some(({ unit, updated }) => unit === unitOf(stack) && updated === 'failed') === true;

/** Stacks with a running container that is labelled for updates and whose tag means another build in the registry. */
function outdated(world: World): readonly string[] {
  return Object.keys(world.stacks).filter(stack =>
    Object.values(stackIn(world, stack).containers).some(
      ({ state, autoUpdate, image, tag }) =>
        state === 'running' && autoUpdate && world.registry[tag] !== undefined && world.registry[tag] !== image,
    ),
  );
}

/** What the tags that these stacks follow mean in the registry. */
function newest(world: World, stacks: readonly string[]): Record<string, string> {
  const images: Record<string, string> = {};
  for (const stack of stacks) {
    for (const { tag, autoUpdate } of Object.values(stackIn(world, stack).containers)) {
      const version = world.registry[tag];
      if (autoUpdate && version !== undefined) images[tag] = version;
    }
  }
  return images;
}
