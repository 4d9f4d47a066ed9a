import { buildsIn, eitherOf, isKnown, mayBeSame } from '../machine/builds.ts';
import { resourceName, sharedWith, volumeOptions } from '../machine/compose-project.ts';
import { madeOf, withFields } from '../machine/container-fields.ts';
import { broken, type ServiceDeclaration, type StackDeclaration } from '../machine/declaration.ts';
import { needingJobs } from '../machine/own-stack.ts';
import { containerKey, containerUnitOf, unitOf } from '../machine/search-path.ts';
import {
  type ContainerWorld,
  type Loaded,
  laidOut,
  laidOutContainer,
  type StackWorld,
  type Traits,
  type World,
} from '../world.ts';
import { textsNow } from './secrets.ts';
import { stackIn, withStack } from './systemd.ts';

/** The compose project of a unit definition of this revision. */
function projectOf(world: World, stack: string, revision: number): StackDeclaration {
  const project = world.revisions[stack]?.[revision];
  if (project === undefined) throw new Error(`stack ${stack} has no revision ${revision}`);
  return project;
}

/**
 * The project of the definition that the manager has loaded for a stack's unit; null where it has none to run. Where containers have
 * units of their own, those are what is run: the owner's, which no operation changes by hand.
 */
function loadedProject(world: World, stack: string): StackDeclaration | null {
  const { loadState, revision } = stackIn(world, stack).loaded;
  if (world.setup.traits.ownUnits) return loadState === 'loaded' ? (world.installed.stacks[stack] ?? null) : null;
  return loadState === 'loaded' && revision !== null ? projectOf(world, stack, revision) : null;
}

/** Whether a build cannot run as a service of the definition in the manager's memory. */
export const cannotRun = (world: World, stack: string, service: string, image: string): boolean => {
  const project = image === broken ? loadedProject(world, stack) : null;
  return image === broken && (project === null || !isStandIn(project, service));
};

/** Why a stack cannot start with the definition in the manager's memory. */
export function startMustFail(world: World, stack: string): readonly string[] {
  const project = loadedProject(world, stack);
  const { loadState, parts } = stackIn(world, stack).loaded;
  if (project === null) return [`${unitOf(stack)} is ${loadState}`];
  return [
    ...startedTooOften(world, stack),
    ...withoutUnit(parts, stack, project),
    ...stackMustFail(world, stack, project),
  ];
}

/** Containers for which the last reload made no unit, although they are declared: nothing starts them, and nothing stops them. */
const withoutUnit = (parts: Loaded['parts'], stack: string, { services }: StackDeclaration): readonly string[] =>
  parts === undefined
    ? none
    : Object.keys(services)
        .filter(service => parts[service] === undefined)
        .map(service => `podman's generator makes no unit of the quadlet files for ${stack}/${service}`);

/** Why a project cannot run. */
export function stackMustFail(world: World, stack: string, declared: StackDeclaration): readonly string[] {
  const { secrets, services } = declared;
  const files = secrets.flatMap(secret => {
    if (world.missingSecrets.includes(secret)) return [`${stack} needs ~/secrets/${secret}.env, which is missing`];
    return world.malformedSecrets.includes(secret)
      ? [`${stack} needs ~/secrets/${secret}.env, which is malformed`]
      : [];
  });
  const rest = Object.entries(services).flatMap(([name, service]) =>
    serviceMustFail(world, containerKey(stack, name), service, isStandIn(declared, name)),
  );
  return [...files, ...rest, ...waitsInVain(stack, declared)];
}

/** A unit that was started as often as its manager allows (facts.md F213); a rebuild may reset its failure first. */
export function startedTooOften({ setup, stacks }: World, stack: string): readonly string[] {
  const { startLimit } = setup.traits;
  return startLimit === undefined || (stacks[stack]?.begun ?? 0) < startLimit
    ? none
    : [`${unitOf(stack)} was started ${startLimit} times, and may not be started again before its failure is reset`];
}

/** How often a unit was started after one more start, which its manager refuses to count where it refuses it. */
function begunAgain({ setup, stacks }: World, stack: string): number {
  const { startLimit } = setup.traits;
  return startLimit === undefined ? 0 : Math.min(startLimit, (stacks[stack]?.begun ?? 0) + 1);
}

/**
 * Whether something stands in for the image's own program, whatever the image is: then also a build runs that would end at once.
 */
export const isStandIn = ({ project }: StackDeclaration, service: string): boolean =>
  project?.services[service] !== undefined;

function serviceMustFail(
  world: World,
  name: string,
  service: ServiceDeclaration,
  isStandIn: boolean,
): readonly string[] {
  const { tag, healthcheck, ends } = service;
  const image = imageFor(world, service);
  if (image === undefined) return [`there is no image ${tag} for ${name}`];
  if (image === broken && !isStandIn) return [`the image ${tag} of ${name} cannot run`];
  // Nobody asks a job for its health: it is over before.
  if (ends !== undefined) return [];
  return healthcheck === 'failing' || healthcheck === 'slow' ? [`${name} never becomes healthy`] : [];
}

/**
 * Services that wait for what never comes: that a job ends well which does not, that one is healthy which nobody asks; and those
 * that share the network of one which is not there.
 */
function waitsInVain(stack: string, { services, project }: StackDeclaration): readonly string[] {
  if (project === undefined) return none;
  const shared = Object.keys(services).flatMap(name => {
    const other = sharedWith(project.services[name]?.networkMode ?? null);
    return other === null || services[other] !== undefined
      ? []
      : [`${stack}/${name} shares the network of ${stack}/${other}, which is switched off`];
  });
  const waiting = Object.entries(services).flatMap(([name, { dependsOn }]) =>
    dependsOn.flatMap(other => {
      const condition = project.services[name]?.dependsOn[other];
      const { ends, healthcheck } = services[other] ?? { healthcheck: 'none' };
      if (condition === 'service_completed_successfully') {
        if (ends === 0) return [];
        const how = ends === undefined ? 'does not end' : `ends with ${ends}`;
        return [`${stack}/${name} waits for ${stack}/${other} to complete, which ${how}`];
      }
      return condition === 'service_healthy' && healthcheck === 'none'
        ? [`${stack}/${name} waits for ${stack}/${other} to be healthy, which has no healthcheck`]
        : [];
    }),
  );
  return [...shared, ...waiting];
}

/** The build that a start makes a container of; one that is pulled each time is the registry's, as long as it has one. */
export const imageFor = (world: World, { tag, pull }: ServiceDeclaration): string | undefined =>
  pull === undefined ? imageOf(world, tag) : (inRegistry(world, tag) ?? imageOf(world, tag));

const inRegistry = (world: World, tag: string): string | undefined =>
  world.registryUp ? world.registry[tag] : undefined;

/**
 * The build behind a tag: on the machine, or otherwise in the registry, from which it is pulled (facts-debian13, section 2). If a
 * failed start may have pulled it, and it is another build in the registry by now, it may be either.
 */
function imageOf(world: World, tag: string): string | undefined {
  const [here, there, perhaps] = [
    onMachine(world, tag),
    world.registryUp ? world.registry[tag] : undefined,
    pulledPerhaps(world, tag),
  ];
  if (here !== undefined || perhaps === undefined || perhaps === there) return here ?? there;
  return there === undefined ? perhaps : eitherOf(perhaps, there);
}

/** The build behind a tag on the machine. One that is there can be used by its digest, whichever tag it was pulled by. */
const onMachine = ({ images }: World, tag: string): string | undefined =>
  images[tag] ?? byDigest(images, tag, build => build === tag.slice(1));

/** The build behind a tag, if a failed start has pulled it, or a tag that may be either of two builds is this one. */
const pulledPerhaps = ({ perhapsPulled, images }: World, tag: string): string | undefined => {
  const may = (build: string) => mayBeSame(build, tag.slice(1));
  return perhapsPulled[tag] ?? byDigest(perhapsPulled, tag, may) ?? byDigest(images, tag, may);
};

const byDigest = (images: World['images'], tag: string, is: (build: string) => boolean): string | undefined =>
  tag.startsWith('@') && Object.values(images).some(is) ? tag.slice(1) : undefined;

/**
 * What a project may lack: images that a failed start may have pulled, and that nobody can pull now; a build that can run, if the
 * tag may be one that cannot; one that is pulled at each start and cannot be now. Or a job of it fails, and nothing waits for it.
 * Or a volume of it has other options, and cannot be made anew without what is in it. Or the provider waits for a job to run that has
 * ended.
 * Success and failure of a start are both honest then.
 */
export const doubtsIn = (world: World, stack: string, declared: StackDeclaration): readonly string[] => [
  ...otherVolumes(world, stack, declared),
  ...(world.setup.traits.awaitsEndedJobs
    ? needingJobs(declared).map(
        ([name, job]) => `${stack}/${name} waits for ${stack}/${job} to run, which ends at once`,
      )
    : none),
  ...Object.entries(declared.services).flatMap(([name, service]) => {
    const { tag, pull, ends = 0 } = service;
    const at = () => `the image ${tag} of ${stack}/${name}`;
    if (isPerhapsThere(world, tag)) return [`whether ${at()} is on the machine is not known`];
    const image = imageFor(world, service);
    const mayBeBroken = image !== undefined && image !== broken && mayBeSame(image, broken);
    return [
      ...(mayBeBroken && !isStandIn(declared, name) ? [`whether ${at()} can run is not known`] : []),
      ...(pull !== undefined && inRegistry(world, tag) === undefined ? [`${at()} cannot be pulled`] : []),
      ...(ends === 0 ? [] : [`${stack}/${name} ends with ${ends}`]),
    ];
  }),
];

const isPerhapsThere = (world: World, tag: string): boolean =>
  onMachine(world, tag) === undefined &&
  (!world.registryUp || world.registry[tag] === undefined) &&
  pulledPerhaps(world, tag) !== undefined;

/** The same for the definition in the manager's memory. */
export function doubtsAbout(world: World, stack: string): readonly string[] {
  const project = loadedProject(world, stack);
  return project === null ? [] : doubtsIn(world, stack, project);
}

/** The world after something may have pulled all or some of the images of these projects. */
export function perhapsPulling(given: World, projects: readonly StackDeclaration[]): World {
  const world = perhapsMoving(given, projects);
  const tags = projects.flatMap(({ services }) => Object.values(services).map(({ tag }) => tag));
  const fresh = tags.flatMap(tag => {
    const isPulled = world.registryUp && world.registry[tag] !== undefined && onMachine(world, tag) === undefined;
    return isPulled ? [[tag, imageOf(world, tag) ?? ''] as const] : [];
  });
  if (fresh.length === 0) return world;
  return { ...world, perhapsPulled: { ...world.perhapsPulled, ...Object.fromEntries(fresh) } };
}

/** The same for tags that are pulled although they are on the machine: they may be either build then. */
function perhapsMoving(world: World, projects: readonly StackDeclaration[]): World {
  const pulled = projects.flatMap(({ services }) => Object.values(services).filter(({ pull }) => pull !== undefined));
  const moved = pulled.flatMap(({ tag }) => {
    const [is, would] = [world.images[tag], inRegistry(world, tag)];
    return is === undefined || would === undefined || is === would ? [] : [[tag, eitherOf(is, would)] as const];
  });
  return moved.length === 0 ? world : { ...world, images: { ...world.images, ...Object.fromEntries(moved) } };
}

/** Env files that are missing and keep the stack's loaded definition from starting. */
function secretsMissing(world: World, stack: string): readonly string[] {
  const needed = loadedProject(world, stack)?.secrets ?? [];
  return needed.filter(secret => world.missingSecrets.includes(secret));
}

/**
 * What is wrong with the containers of a stack so that a command may refuse to touch them: containers of no service, renamed,
 * relabelled, out of podman's control, unhealthy.
 */
export function troubleWith(world: World, stack: string): readonly string[] {
  const services = loadedProject(world, stack)?.services ?? {};
  return Object.entries(stackIn(world, stack).containers).flatMap(([service, container]) => {
    const at = containerKey(stack, service);
    if (services[service] === undefined) return [`nothing declares the container ${at}`];
    if (container.unit !== containerUnitOf(world.setup.traits, stack, service))
      return [`the container of ${at} names the unit ${container.unit}`];
    if (container.name !== at) return [`the container of ${at} was renamed`];
    if (isLost(container)) return [`podman lost hold of ${at}`];
    return container.health === 'unhealthy' || container.health === 'starting' ? [`${at} is ${container.health}`] : [];
  });
}

/** Whether podman may report a wrong state of a container: its conmon is gone, or its process. */
export const isLost = ({ state }: ContainerWorld): boolean =>
  state === 'dead' || state === 'unwatched' || state === 'unknown';

/** Services whose compose file has the label of another unit: a command that passes it on may refuse (plan, W1). */
export const wrongLabels = (stack: string, { services }: StackDeclaration): readonly string[] =>
  Object.keys(services)
    .filter(name => services[name]?.unitLabel === 'wrong')
    .map(name => `${stack}/${name} declares the label of another unit`);

/**
 * The stack after a start or restart with its loaded definition: all its containers run, those of other services are gone. An
 * image is pulled only if its tag is not on the machine yet.
 */
export function started(world: World, stack: string): World {
  const project = loadedProject(world, stack);
  if (project === null) return world;
  const { traits } = world.setup;
  const { loaded } = stackIn(world, stack);
  const marker = (service: string) => markerOf(loaded, traits, service);
  const pulled = pulledAtStart(world, project);
  let { images } = pulled;
  let { perhapsPulled } = world;
  const containers: Record<string, ContainerWorld> = {};
  const texts = textsNow(world, project);
  for (const [name, service] of Object.entries(project.services)) {
    const build = imageFor(pulled, service);
    const image = isStandIn(project, name) ? build : thatRuns(build);
    const hasName = isNamed(pulled, service.tag);
    perhapsPulled = withTag(perhapsPulled, service.tag, hasName === null ? image : undefined);
    if (image !== undefined && hasName === true) images = withTag(images, service.tag, image);
    containers[name] = containerOf(traits, stack, name, service, image ?? '', marker(name), texts);
  }
  const made = traits.ownUnits ? project.revision : loaded.revision;
  const volumes = withVolumes(world.volumes, declaredVolumes(stack, project));
  return withStack(laidOut(world, { images, perhapsPulled, volumes }), stack, {
    active: 'active',
    containers,
    made,
    vague: false,
    begun: begunAgain(world, stack),
  });
}

/** The builds behind tags, with another one behind this, or none; the same object where it is so already. */
function withTag(images: World['images'], tag: string, build: string | undefined): World['images'] {
  if (images[tag] === build) return images;
  const { [tag]: _, ...others } = images;
  return build === undefined ? others : { ...images, [tag]: build };
}

/** The marker of the definition that the manager has loaded for a container. */
export const markerOf = ({ parts, marker }: Loaded, { ownUnits }: Pick<Traits, 'ownUnits'>, service: string): string =>
  ownUnits ? (parts?.[service] ?? 'declared') : (marker ?? '');

/**
 * Whether an image that runs is on the machine by this name; null where that is not known. One that is asked for by its digest, and is
 * there by a tag, gets no name of its own: if the tag goes to another image, it cannot be found any more (facts.md F165).
 */
function isNamed({ images, perhapsPulled }: World, tag: string): boolean | null {
  if (!tag.startsWith('@') || images[tag] !== undefined) return true;
  if (byDigest(images, tag, build => build === tag.slice(1)) !== undefined) return false;
  const { [tag]: _, ...others } = perhapsPulled;
  const may = (build: string) => mayBeSame(build, tag.slice(1));
  return (byDigest(others, tag, may) ?? byDigest(images, tag, may)) === undefined ? true : null;
}

/**
 * The world after a start has pulled what is pulled each time, before it makes any container: others of the same tag are made of
 * that too (seen with docker compose 2.26).
 */
function pulledAtStart(world: World, { services }: StackDeclaration): World {
  const fresh = Object.values(services).flatMap(({ tag, pull }) => {
    const build = pull === undefined ? undefined : inRegistry(world, tag);
    return build === undefined ? [] : [[tag, build] as const];
  });
  return fresh.length === 0 ? world : laidOut(world, { images: { ...world.images, ...Object.fromEntries(fresh) } });
}

/** What a build is that runs, of which nobody knew whether it can. */
const thatRuns = (image: string | undefined): string | undefined =>
  image === undefined || isKnown(image) ? image : eitherOf(...buildsIn(image).filter(build => build !== broken));

/** The named volumes that a start makes of a stack where they are not there, by podman's names for them. */
export const volumesOf = (stack: string, declared: StackDeclaration): readonly string[] =>
  Object.keys(declaredVolumes(stack, declared));

/** The same, with the options that each is declared with. */
export function declaredVolumes(stack: string, { project, services }: StackDeclaration): World['volumes'] {
  if (project === undefined) return {};
  const used = new Set(
    Object.keys(services).flatMap(name => project.services[name]?.mounts.map(({ source }) => source) ?? []),
  );
  return Object.fromEntries(
    Object.entries(project.volumes)
      .filter(([name, { external }]) => used.has(name) && !external)
      .map(([name, volume]) => [resourceName(stack, name, volume), volumeOptions(volume)]),
  );
}

/**
 * Volumes that are there, and were made with other options than are declared now: nobody changes those of a volume and keeps what
 * is in it. Where a start failed, it may have made any that another revision declares.
 */
function otherVolumes(world: World, stack: string, declared: StackDeclaration): readonly string[] {
  if (declared.project === undefined) return none;
  const isVague = world.uncertain !== null || world.stacks[stack]?.vague !== false;
  const others = isVague ? Object.values(world.revisions[stack] ?? {}).map(one => declaredVolumes(stack, one)) : [];
  return Object.entries(declaredVolumes(stack, declared)).flatMap(([name, options]) => {
    const is = world.volumes[name];
    const mayBeOther = is === undefined ? others.some(one => (one[name] ?? options) !== options) : is !== options;
    return mayBeOther ? [`the volume ${name} has other options than ${options || 'none'}`] : [];
  });
}

/** The networks that a start makes of a stack, by podman's names for them. */
export function networksOf(stack: string, { project }: StackDeclaration): readonly string[] {
  if (project === undefined) return none;
  return Object.entries(project.networks)
    .filter(([, { external }]) => !external)
    .map(([name, network]) => resourceName(stack, name, network));
}

/** The volumes with these among them, as declared; the same object where they are. */
function withVolumes(all: World['volumes'], more: World['volumes']): World['volumes'] {
  if (Object.entries(more).every(([name, options]) => all[name] === options)) return all;
  return Object.fromEntries(Object.entries({ ...all, ...more }).sort(([one], [other]) => (one < other ? -1 : 1)));
}

const none: readonly string[] = [];

/**
 * The stack after a start that failed; the unit says so. If it ran, it was stopped first. An obstacle other than a missing
 * secret may have left any containers behind, but none that runs.
 */
export function failedToStart(world: World, stack: string): World {
  const at = stackIn(world, stack);
  if (at.loaded.loadState !== 'loaded') return world;
  const project = loadedProject(world, stack);
  // Nothing of it is run.
  const isRefused = startedTooOften(world, stack).length > 0;
  return withStack(project === null || isRefused ? world : perhapsPulling(world, [project]), stack, {
    active: 'failed',
    containers: {
      ...(at.active === 'active' ? stopped(world, at.containers) : beyondKnowing(at.containers)),
      ...heldByNothing(at),
    },
    vague: !world.setup.traits.ownUnits && (at.vague || !(isRefused || secretsMissing(world, stack).length > 0)),
    begun: begunAgain(world, stack),
  });
}

/** The stack after its unit was stopped. */
export function stoppedStack(world: World, stack: string): World {
  const { wanted, begun, containers } = stackIn(world, stack);
  // A unit that nothing wants is forgotten with its end.
  return withStack(world, stack, {
    active: 'inactive',
    containers: stopped(world, containers),
    begun: wanted ? begun : 0,
  });
}

/**
 * The same containers, none of them running. One that no unit made may be stopped with the others, because it has their labels,
 * or be left alone, because nobody declares it. A unit of a container's own removes it.
 */
const stopped = ({ setup }: World, containers: StackWorld['containers']): Record<string, ContainerWorld> =>
  setup.traits.ownUnits
    ? {}
    : Object.fromEntries(
        Object.entries(beyondKnowing(containers)).map(([name, c]) => [
          name,
          c.state === 'unknown' ? c : laidOutContainer(c, 'exited'),
        ]),
      );

/** Containers that have lost their units: where the others were stopped, it is not known what became of them. */
const heldByNothing = ({ loaded: { parts }, containers }: StackWorld): Record<string, ContainerWorld> =>
  parts === undefined
    ? {}
    : Object.fromEntries(
        Object.entries(containers)
          .filter(([service]) => parts[service] === undefined)
          .map(([service, container]) => [service, laidOutContainer(container, 'unknown')]),
      );

/** The same containers after a failed start, which may also have stopped one that no unit made. */
const beyondKnowing = (containers: StackWorld['containers']): Record<string, ContainerWorld> =>
  Object.fromEntries(
    Object.entries(containers).map(([name, c]) => [
      name,
      c.unit === '' && c.state !== 'exited' ? laidOutContainer(c, 'unknown') : c,
    ]),
  );

/** The same containers, none of them running: after the end of the user manager (facts-debian13 F88). */
export const ended = (containers: StackWorld['containers']): Record<string, ContainerWorld> =>
  Object.fromEntries(Object.entries(containers).map(([name, c]) => [name, laidOutContainer(c, 'exited')]));

/** A container as a service is declared once it was started: it runs, or it has run and ended. */
export const containerOf = (
  traits: Pick<Traits, 'ownUnits'>,
  stack: string,
  name: string,
  service: ServiceDeclaration,
  image: string,
  marker: string,
  secretTexts: string,
): ContainerWorld =>
  withFields(
    service.ends === undefined
      ? { state: 'running' as const, health: service.healthcheck === 'none' ? ('none' as const) : ('healthy' as const) }
      : { state: 'exited' as const, health: 'none' as const },
    madeOf(service, {
      name: containerKey(stack, name),
      image,
      marker,
      unit: containerUnitOf(traits, stack, name),
      secretTexts,
    }),
  );

/** Starts the stack if nothing prevents it, and fails if something does; where that is not known, it starts. */
export function startedOrFailed(world: World, stack: string): World {
  if (startMustFail(world, stack).length > 0) return failedToStart(world, stack);
  const [doubt] = doubtsAbout(world, stack);
  return doubt === undefined ? started(world, stack) : { ...world, uncertain: world.uncertain ?? doubt };
}

/** The world, of which another one differs in nothing but builds: where it does, it is not known which of them is right. */
export function withBuildsOf(world: World, other: World): World {
  const images: Record<string, string> = { ...world.images };
  for (const [tag, build] of Object.entries(other.images)) images[tag] = eitherOf(images[tag] ?? build, build);
  return Object.keys(world.stacks).reduce(
    (merged, stack) => {
      const containers = { ...stackIn(world, stack).containers };
      for (const [name, container] of Object.entries(containers)) {
        const image = eitherOf(container.image, other.stacks[stack]?.containers[name]?.image ?? container.image);
        containers[name] = laidOutContainer({ ...container, image });
      }
      return withStack(merged, stack, { containers });
    },
    laidOut(world, { images }),
  );
}
