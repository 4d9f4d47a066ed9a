import { mayBeSame } from '../machine/builds.ts';
import { sharedWith } from '../machine/compose-project.ts';
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
import {
  imageFor,
  inRegistry,
  isNamed,
  isPerhapsThere,
  isStandIn,
  perhapsPulling,
  pulledAtStart,
  thatRuns,
  withTag,
} from './images.ts';
import { declaredVolumes, volumesMadeOtherwise, withVolumes } from './resources.ts';
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

/**
 * What a project may lack: images that a failed start may have pulled, and that nobody can pull now; a build that can run, if the
 * tag may be one that cannot; one that is pulled at each start and cannot be now. Or a job of it fails, and nothing waits for it.
 * Or a volume of it has other options, and cannot be made anew without what is in it. Or the provider waits for a job to run that has
 * ended.
 * Success and failure of a start are both honest then.
 */
export const doubtsIn = (world: World, stack: string, declared: StackDeclaration): readonly string[] => [
  ...volumesMadeOtherwise(world, stack, declared),
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

/** The same for the definition in the manager's memory. */
export function doubtsAbout(world: World, stack: string): readonly string[] {
  const project = loadedProject(world, stack);
  return project === null ? [] : doubtsIn(world, stack, project);
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

/** The marker of the definition that the manager has loaded for a container. */
export const markerOf = ({ parts, marker }: Loaded, { ownUnits }: Pick<Traits, 'ownUnits'>, service: string): string =>
  ownUnits ? (parts?.[service] ?? 'declared') : (marker ?? '');

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
