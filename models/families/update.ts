import type { Claim, Updating } from '../host.ts';
import { broken } from '../machine/declaration.ts';
import { rolledBack } from '../machine/outcome.ts';
import { unitOf } from '../machine/search-path.ts';
import { type Operation, operation } from '../operation.ts';
import { driftedOf } from '../transitions/generations.ts';
import { doubtsAbout, failedToStart, started, startMustFail, troubleWith } from '../transitions/lifecycle.ts';
import { stackIn, staleIn, unknownIn } from '../transitions/systemd.ts';
import type { ContainerWorld, World } from '../world.ts';

/** One way to look for newer images and restart what runs an older one. */
export interface Update {
  readonly how: Updating;
  readonly says: string;
  readonly weight?: number;
  possible?(world: World): boolean;
}

/** An operation that updates images (scenarios S08, S13). */
export function updating({ how, says, weight = 1, possible }: Update): Operation {
  const allowed = (world: World) => world.manager === 'running' && (possible?.(world) ?? true);
  return operation({
    kind: 'command',
    needs: [`autoUpdate ${how}`],
    weight,
    describe: () => says,
    choices: world => (allowed(world) ? [{}] : []),
    allowed,
    apply: host => host.autoUpdate(how),
    mayFail: updateMayFail,
    mustFail: updateMustFail,
    expected: (before, _args, claim) => {
      if (claim.ok) return updated(before);
      return outdated(before).reduce((world, stack) => {
        // The updater restarted it (facts.md F42).
        if (rolledBack(claim).includes(unitOf(stack))) return started(world, stack);
        return triedInVain(before, stack, claim) ? failedToStart(world, stack) : world;
      }, before);
    },
  });
}

/** The world after an update: every stack with a newer image runs it. */
export function updated(before: World): World {
  const all = outdated(before);
  const stacks = outdatedAmong(before, knownToRun);
  const images = { ...before.images, ...newest(before, stacks) };
  const after = stacks.reduce(started, { ...before, images });
  const doubtful = all.filter(stack => !stacks.includes(stack));
  if (doubtful.length === 0) return after;
  return {
    ...after,
    uncertain: after.uncertain ?? `whether ${doubtful.join(' and ')} ran, and so was updated, is not known`,
  };
}

/**
 * The world in which the local tags of those stacks that a failing updater reports as updated are the registry's. For a stack
 * that it rolled back, it tagged the old image again (facts.md F42).
 */
export function movedBy(claim: Claim, before: World): World {
  const stacks = outdated(before).filter(stack => saidOf(stack, claim).includes('true'));
  return stacks.length === 0 ? before : { ...before, images: { ...before.images, ...newest(before, stacks) } };
}

/** Honest reasons for an update to fail. */
export const updateMayFail = (world: World): readonly string[] => [
  ...unknownIn(world),
  ...obstacles(world, container => mayRun(container) && !knownToRun(container)),
  ...outdated(world).flatMap(stack => [
    ...mustFailAfter(world, stack),
    ...driftedOf(world, stack).map(path => `${path} has drifted`),
    ...staleIn(world, stack),
    ...troubleWith(world, stack),
  ]),
];

/** What makes an update impossible: no user manager to ask, or an image that cannot run. */
export const updateMustFail = (world: World): readonly string[] => obstacles(world, knownToRun);

const obstacles = (world: World, runs: (container: ContainerWorld) => boolean): readonly string[] => [
  ...followed(world, runs).flatMap(({ name, tag }) => {
    if (!world.registryUp) return [`the registry is down, and ${name} follows it`];
    return world.registry[tag] === undefined ? [`the registry has no ${tag} for ${name}`] : [];
  }),
  ...outdatedAmong(world, runs).flatMap(stack =>
    Object.values(newest(world, [stack])).includes(broken) ? [`the newest image for ${stack} cannot run`] : [],
  ),
];

/** Containers that podman lists as running, or may list (facts-debian13 F84, F86): the updater looks at no others. */
const mayRun = ({ state }: ContainerWorld): boolean => state !== 'exited';

/** Containers that podman certainly lists as running; one that ended unnoticed is not looked at (facts-debian13 F84). */
const knownToRun = ({ state }: ContainerWorld): boolean =>
  state !== 'exited' && state !== 'unknown' && state !== 'undecided';

/** Containers that are labelled for updates and follow a tag: a digest never moves. */
const followed = (world: World, runs: (container: ContainerWorld) => boolean) =>
  Object.keys(world.stacks).flatMap(stack =>
    Object.entries(stackIn(world, stack).containers)
      .filter(([, container]) => runs(container) && container.autoUpdate && !container.tag.startsWith('@'))
      .map(([service, { tag, image }]) => ({ stack, name: `${stack}/${service}`, tag, image })),
  );

/** What keeps a stack from running after its local tags are the registry's. */
const mustFailAfter = (world: World, stack: string): readonly string[] => {
  const after = { ...world, images: { ...world.images, ...newest(world, [stack]) } };
  return [...startMustFail(after, stack), ...doubtsAbout(after, stack)];
};

/** Whether the updater reports that it restarted a stack that could not start. */
const triedInVain = (world: World, stack: string, claim: Claim): boolean =>
  startMustFail(world, stack).length + doubtsAbout(world, stack).length > 0 && saidOf(stack, claim).includes('failed');

/** What the updater says of the containers of a stack. */
const saidOf = (stack: string, { updates = [] }: Claim): readonly string[] =>
  updates.filter(({ unit }) => unit === unitOf(stack)).map(({ updated }) => updated);

/**
 * Stacks with a container that runs or may run, is labelled for updates, and follows a tag that is another build in the
 * registry.
 */
export const outdated = (world: World): readonly string[] => outdatedAmong(world, mayRun);

const outdatedAmong = (world: World, runs: (container: ContainerWorld) => boolean): readonly string[] =>
  world.registryUp
    ? [
        ...new Set(
          followed(world, runs)
            .filter(({ tag, image }) => world.registry[tag] !== undefined && world.registry[tag] !== image)
            .map(({ stack }) => stack),
        ),
      ]
    : [];

/** The builds that the tags of these stacks are in the registry. */
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
