import type { Claim, Updating } from '../host.ts';
import { eitherOf, mayBeSame } from '../machine/builds.ts';
import { rolledBack } from '../machine/outcome.ts';
import { containerUnitOf, unitOf } from '../machine/search-path.ts';
import { type Operation, operation } from '../operation.ts';
import { driftedOf, unknownAfter } from '../transitions/generations.ts';
import {
  cannotRun,
  doubtsAbout,
  failedToStart,
  started,
  startMustFail,
  troubleWith,
} from '../transitions/lifecycle.ts';
import { remade, withUnknown } from '../transitions/own-units.ts';
import { stackIn, staleIn, unknownIn } from '../transitions/systemd.ts';
import type { ContainerWorld, World } from '../world.ts';

/** One way to look for newer images and restart what runs an older one. */
export interface Update {
  readonly how: Updating;
  readonly says: string;
  readonly weight?: number;
  possible?(world: World): boolean;
  /** A reason to fail beside those of any update. */
  readonly mayFail?: string;
  /** Why nothing is known once it was killed, where that may happen. */
  readonly killed?: string;
}

/** An operation that updates images (scenarios S08, S13). */
export function updating({ how, says, weight = 1, possible, mayFail, killed }: Update): Operation {
  const allowed = (world: World) => world.manager === 'running' && (possible?.(world) ?? true);
  return operation({
    kind: 'command',
    needs: [`autoUpdate ${how}`],
    weight,
    describe: () => says,
    choices: world => (allowed(world) ? [{}] : []),
    allowed,
    apply: host => host.autoUpdate(how),
    mayFail: world => [
      ...updateMayFail(world),
      ...(mayFail === undefined ? [] : [mayFail]),
      ...(killed === undefined ? [] : ['it is killed half way']),
    ],
    mustFail: updateMustFail,
    expected: (before, _args, claim) => {
      if (killed !== undefined && claim.status === 137)
        return unknownAfter({ ...before, images: moved(before, outdated(before), eitherOf) }, before.installed, killed);
      if (claim.ok) return updated(before, claim);
      return outdated(before).reduce((world, stack) => {
        if (before.setup.traits.ownUnits) return updatedInPart(world, before, stack, claim);
        // The updater restarted it (facts.md F42).
        if (rolledBack(claim).includes(unitOf(stack))) return started(world, stack);
        if (triedInVain(before, stack, claim)) return failedToStart(world, stack);
        // One stack may be updated before another one fails.
        return isSaidToRunNew(world, stack, claim) ? withNewest(world, [stack]) : world;
      }, before);
    },
  });
}

/**
 * The world after an update that claims success: every stack with a newer image that is known to run, runs it. Where that is not
 * known it is taken at its word, as it lists what it found running; one that lists nothing may have moved the tag or not.
 */
export function updated(before: World, claim: Claim): World {
  const known = surelyOutdated(before);
  const others = outdated(before).filter(stack => !known.includes(stack));
  if (claim.updates !== undefined) {
    return withNewest(before, [...known, ...others.filter(stack => isSaidToRunNew(before, stack, claim))]);
  }
  const doubtful = others.filter(stack => mustFailAfter(before, stack).length === 0);
  const after = withNewest(before, known);
  if (doubtful.length === 0) return after;
  const why = `whether ${doubtful.join(' and ')} ran, and so was updated, is not known`;
  return { ...after, images: moved(after, doubtful, eitherOf), uncertain: after.uncertain ?? why };
}

/**
 * The world in which the local tags of those stacks that a failing updater reports as updated are the registry's. For a stack
 * that it rolled back, it tagged the old image again (facts.md F42). Without a report they may be either.
 */
export function movedBy(claim: Claim, before: World): World {
  const stacks = outdated(before);
  if (claim.updates === undefined) return { ...before, images: moved(before, stacks, eitherOf) };
  return {
    ...before,
    images: moved(
      before,
      stacks.filter(stack => isSaidToRunNew(before, stack, claim)),
      newer,
    ),
  };
}

/** Whether an updater that claims success, and lists what it did, may have found the machine so. */
export const mayHaveUpdated = (world: World, claim: Claim): boolean => {
  const stacks = Object.keys(world.stacks).filter(stack => isSaidToRunNew(world, stack, claim));
  const outdatedNow = outdated(world);
  return (
    claim.updates === undefined ||
    (surelyOutdated(world).every(stack => stacks.includes(stack)) && stacks.every(stack => outdatedNow.includes(stack)))
  );
};

/** The world in which these stacks run what their tags mean in the registry. */
const withNewest = (before: World, stacks: readonly string[]): World =>
  stacks.reduce(
    (world, stack) =>
      world.setup.traits.ownUnits
        ? remade(world, stack, outdatedServices(before, stack, knownToRun))
        : started(world, stack),
    { ...before, images: moved(before, stacks, newer) },
  );

/** Services of a stack whose containers run another build than the one that their tag is in the registry. */
const outdatedServices = (
  world: World,
  stack: string,
  runs: (container: ContainerWorld) => boolean,
): readonly string[] =>
  followed(world, runs)
    .filter(one => one.stack === stack && perhapsOlder(one.image, world.registry[one.tag] ?? one.image))
    .map(({ service }) => service);

/**
 * A stack each of whose containers has a unit of its own, after an update that failed: each container is as the updater says of its
 * unit. Of one whose unit did not start again it is not known what is left.
 */
function updatedInPart(world: World, before: World, stack: string, claim: Claim): World {
  const services = outdatedServices(before, stack, mayRun);
  const thatAre = (updated: string): readonly string[] =>
    services.filter(service => saidOfUnits([unitFor(world, stack, service)], claim).includes(updated));
  const restarted = thatAre('true');
  const tags = restarted.map(service => stackIn(before, stack).containers[service]?.tag ?? '');
  // A roll back gives the tag to the old image again, whoever else follows it: which of the two came last is not known.
  const mean = rolledBack(claim).length === 0 ? newer : eitherOf;
  const fresh = (tag: string) => before.registry[tag] ?? '';
  const images: Record<string, string> = { ...world.images };
  for (const tag of tags) images[tag] = mean(before.images[tag] ?? fresh(tag), fresh(tag));
  // What was rolled back runs what it ran before.
  const moved = { ...world.images, ...Object.fromEntries(tags.map(tag => [tag, fresh(tag)])) };
  const after = { ...remade({ ...world, images: moved }, stack, restarted), images };
  return withUnknown(after, stack, thatAre('failed'));
}

const unitFor = ({ setup }: World, stack: string, service: string): string =>
  containerUnitOf(setup.traits, stack, service);

/** What the tags mean on the machine after these stacks were updated: of what each did, and does in the registry. */
function moved(world: World, stacks: readonly string[], mean: (old: string, now: string) => string): World['images'] {
  const images: Record<string, string> = { ...world.images };
  for (const [tag, build] of Object.entries(newest(world, stacks))) images[tag] = mean(images[tag] ?? build, build);
  return images;
}

const newer = (_old: string, now: string): string => now;

/** Honest reasons for an update to fail. */
export const updateMayFail = (world: World): readonly string[] => [
  ...unknownIn(world),
  ...obstacles(world, container => mayRun(container) && !surelyRuns(world)(container)),
  ...outdated(world).flatMap(stack => [
    ...mustFailAfter(world, stack),
    ...driftedOf(world, stack).map(path => `${path} has drifted`),
    ...staleIn(world, stack),
    ...troubleWith(world, stack),
  ]),
];

/** What makes an update impossible: no user manager to ask, or an image that cannot run. */
export const updateMustFail = (world: World): readonly string[] => obstacles(world, surelyRuns(world));

const obstacles = (world: World, runs: (container: ContainerWorld) => boolean): readonly string[] => [
  ...followed(world, runs).flatMap(({ name, tag }) => {
    if (!world.registryUp) return [`the registry is down, and ${name} follows it`];
    return world.registry[tag] === undefined ? [`the registry has no ${tag} for ${name}`] : [];
  }),
  ...outdatedAmong(world, runs, surelyOlder).flatMap(stack =>
    cannotRunNewest(world, stack) ? [`the newest image for ${stack} cannot run`] : [],
  ),
];

/** Whether the newest build of a tag that a container of a stack follows cannot run as that service. */
const cannotRunNewest = (world: World, stack: string): boolean =>
  Object.entries(stackIn(world, stack).containers).some(
    ([service, { tag, autoUpdate }]) => autoUpdate && cannotRun(world, stack, service, world.registry[tag] ?? ''),
  );

/** Containers that podman lists as running, or may list (facts-debian13 F84, F86): the updater looks at no others. */
const mayRun = ({ state }: ContainerWorld): boolean => state !== 'exited';

/** Containers that podman certainly lists as running; one that ended unnoticed is not looked at (facts-debian13 F84). */
const knownToRun = ({ state }: ContainerWorld): boolean =>
  state !== 'exited' && state !== 'unknown' && state !== 'undecided';

/** The same in a world of which something is not known: after a command that failed half way any container may be gone. */
const surelyRuns = ({ uncertain }: World): ((container: ContainerWorld) => boolean) =>
  uncertain === null ? knownToRun : () => false;

/** Containers that are labelled for updates and follow a tag: a digest never moves. */
const followed = (world: World, runs: (container: ContainerWorld) => boolean) =>
  Object.keys(world.stacks).flatMap(stack =>
    Object.entries(stackIn(world, stack).containers)
      .filter(([, container]) => runs(container) && container.autoUpdate && !container.tag.startsWith('@'))
      .map(([service, { tag, image }]) => ({ stack, service, name: `${stack}/${service}`, tag, image })),
  );

/** What keeps a stack from running after its local tags are the registry's. */
const mustFailAfter = (world: World, stack: string): readonly string[] => {
  const after = { ...world, images: { ...world.images, ...newest(world, [stack]) } };
  return [...startMustFail(after, stack), ...doubtsAbout(after, stack)];
};

/** Whether the updater reports that it restarted a stack that could not start. */
const triedInVain = (world: World, stack: string, claim: Claim): boolean =>
  startMustFail(world, stack).length + doubtsAbout(world, stack).length > 0 &&
  saidOf(world, stack, claim).includes('failed');

/** Whether the updater says of a stack that it runs the newest image now. */
const isSaidToRunNew = (world: World, stack: string, claim: Claim): boolean =>
  saidOf(world, stack, claim).includes('true');

/** What the updater says of the containers of a stack. */
const saidOf = (world: World, stack: string, claim: Claim): readonly string[] =>
  saidOfUnits(
    world.setup.traits.ownUnits
      ? Object.keys(stackIn(world, stack).containers).map(service => unitFor(world, stack, service))
      : [unitOf(stack)],
    claim,
  );

const saidOfUnits = (units: readonly string[], { updates = [] }: Claim): readonly string[] =>
  updates.filter(({ unit }) => units.includes(unit)).map(({ updated }) => updated);

/**
 * Stacks with a container that runs or may run, is labelled for updates, and follows a tag that is another build in the
 * registry.
 */
export const outdated = (world: World): readonly string[] => outdatedAmong(world, mayRun, perhapsOlder);

const outdatedAmong = (
  world: World,
  runs: (container: ContainerWorld) => boolean,
  isOlder: (image: string, newest: string) => boolean,
): readonly string[] =>
  world.registryUp
    ? [
        ...new Set(
          followed(world, runs)
            .filter(({ tag, image }) => world.registry[tag] !== undefined && isOlder(image, world.registry[tag]))
            .map(({ stack }) => stack),
        ),
      ]
    : [];

/** Those of which all of that is known. */
const surelyOutdated = (world: World): readonly string[] => outdatedAmong(world, surelyRuns(world), surelyOlder);

const perhapsOlder = (image: string, newest: string): boolean => image !== newest;
const surelyOlder = (image: string, newest: string): boolean => !mayBeSame(image, newest);

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
