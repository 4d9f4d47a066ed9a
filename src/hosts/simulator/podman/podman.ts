import { type ContainerFields, madeOf, withFields } from '../../../../models/machine/container-fields.ts';
import { broken, type ServiceDeclaration, type StackDeclaration } from '../../../../models/machine/declaration.ts';
import { unitOf } from '../../../../models/machine/search-path.ts';
import { type Container, hexId, type SimulatedMachine } from '../machine.ts';
import { linesOfNew } from './resources.ts';

/** The containers of a service, oldest first. */
export const containersOf = (machine: SimulatedMachine, stack: string, service: string): readonly Container[] =>
  machine.containers.filter(one => one.stack === stack && one.service === service);

/** The containers of a project, oldest first. */
export const projectContainers = (machine: SimulatedMachine, stack: string): readonly Container[] =>
  machine.containers.filter(one => one.stack === stack);

/**
 * Pulls the image of a tag where it is not there; false where the registry does not have it either. A build by its digest
 * is there where any tag brought it.
 */
export function pulled(machine: SimulatedMachine, tag: string, always = false): boolean {
  if (!always && localImage(machine, tag) !== undefined) return true;
  const version = machine.registryUp ? machine.registry.get(tag) : undefined;
  if (version === undefined) return false;
  machine.images = new Map(machine.images).set(tag, version);
  return true;
}

/** The build that a tag or digest stands for on the machine. */
export const localImage = ({ images }: SimulatedMachine, tag: string): string | undefined =>
  images.get(tag) ?? (tag.startsWith('@') && [...images.values()].includes(tag.slice(1)) ? tag.slice(1) : undefined);

/** By what podman calls the image of a container that it is asked for over its socket: by a digest only where it has two names. */
function calledBySocket({ images }: SimulatedMachine, tag: string, image: string): string {
  if (!tag.startsWith('@')) return tag;
  const names = [...images].filter(([, build]) => build === image).map(([name]) => name);
  return names.length === 1 ? (names[0] as string) : tag;
}

/** What tells a new container from another of the same service. */
export interface WantedContainer {
  readonly stack: string;
  readonly service: string;
  readonly declared: ServiceDeclaration;
  readonly marker: string;
  readonly hash: string;
  readonly requires: readonly number[];
  /** The compose file that declares it. */
  readonly project: StackDeclaration;
  /** Its label stack.definition, where the profile gives it one; then its label of the unit is right too. */
  readonly definition?: string;
}

/** Creates a container of an image that is there, and starts it unless told otherwise. */
export function created(machine: SimulatedMachine, wanted: WantedContainer, isStarted = true): Container {
  const { stack, service, marker, hash, requires, definition, project } = wanted;
  const { tag, healthcheck } = wanted.declared;
  const id = ++machine.clock;
  const secretTexts = textsIn(machine, project.secrets);
  const image = localImage(machine, tag) as string;
  // The variable that the profile's unit sets beats the label, where podman itself is run (facts.md F46).
  const isWrong =
    wanted.declared.unitLabel === 'wrong' && machine.provider === 'docker-compose' && definition === undefined;
  const own = project.project?.services[service];
  const declared =
    project.project === undefined || own === undefined
      ? wanted.declared
      : { ...wanted.declared, ...linesOfNew(machine, stack, project.project, own) };
  const isOnDefault = own === undefined || own.networks.includes('default');
  if (isOnDefault && !machine.networks.has(stack)) {
    machine.networks = new Map(machine.networks).set(stack, new Set());
  }
  const key = `${stack}/${service}`;
  const more: Omit<Container, keyof ContainerFields> = {
    id,
    stack,
    service,
    key,
    state: 'created',
    startedAt: 0,
    imageName: machine.provider === 'docker-compose' ? calledBySocket(machine, tag, image) : tag,
    healthcheck,
    health: '',
    ends: wanted.declared.ends ?? null,
    isStandIn: own !== undefined,
    sick: false,
    handMade: false,
    definition: definition ?? '',
    given: definition === undefined ? '' : secretTexts,
    hash,
    requires,
    seen: null,
    seenStart: null,
  };
  const unit = isWrong ? 'another.service' : unitOf(stack);
  const container: Container = withFields(more, madeOf(declared, { name: key, image, marker, unit, secretTexts }));
  machine.containers.push(container);
  if (isStarted) containerStarted(machine, container);
  return container;
}

/** What the env files come to that a container is given, as `secretTexts` has it; what is malformed comes to nothing. */
export const textsIn = ({ secrets: { missing, malformed, rotated } }: SimulatedMachine, names: readonly string[]) =>
  names
    .filter(name => !missing.has(name) && !malformed.has(name))
    .sort()
    .map(name => `${name}=${rotated.has(name) ? 2 : 1}`)
    .join(' ');

/** Starts a container that does not run: the same container, from the image that it was made of. */
export function containerStarted(machine: SimulatedMachine, container: Container): void {
  if (container.state === 'running' || container.state === 'unwatched') return;
  container.startedAt = ++machine.clock;
  container.state = cannotRun(container) || container.ends !== null ? 'exited' : 'running';
  container.health = healthOf(container);
}

/** Whether its image ends at once: not where something stands in for the image's program. */
const cannotRun = ({ image, isStandIn }: Container): boolean => image === broken && !isStandIn;

/** What the first probe says, which runs at the start (facts-debian13 F95). */
function healthOf(container: Container): Container['health'] {
  const { healthcheck, sick } = container;
  if (healthcheck === 'none') return '';
  if (healthcheck === 'slow' || cannotRun(container)) return 'starting';
  return healthcheck === 'failing' || sick ? 'unhealthy' : 'healthy';
}

/** Ends a container for good. What its healthcheck said last stays (facts.md F57). */
export function containerStopped(container: Container): void {
  if (container.state !== 'created') container.state = 'exited';
}

/** The payload ends by itself: what its restart policy asks for is done, unless a stop was asked for. */
export function payloadEnded(machine: SimulatedMachine, container: Container): void {
  container.state = 'exited';
  if (container.restart !== 'no') containerStarted(machine, container);
}

/** Removes a container, running or not. */
export function containerRemoved(machine: SimulatedMachine, container: Container): void {
  machine.containers.splice(machine.containers.indexOf(container), 1);
}

/** SIGTERM to every conmon in a unit, each of which hands it on to its payload (facts-debian13 F75). */
export function terminated(machine: SimulatedMachine, unit: string): void {
  for (const container of machine.containers) if (livesIn(container, unit)) payloadEnded(machine, container);
}

/**
 * Whether podman-compose's conmon of a container stands in a unit's control group: not that of one which a hand made, nor
 * where it was killed (facts-debian13 F74, F77).
 */
export const livesIn = (container: Container, unit: string): boolean =>
  container.unit === unit && container.state === 'running';

/** The whole of an id, which podman's errors name. */
export const fullId = ({ id }: Container): string => hexId(id).padEnd(64, '0');

/** The name that podman knows it by: each provider joins the parts in its own way. */
export const nameOf = ({ provider }: SimulatedMachine, { key, name, stack, service, unit }: Container): string => {
  if (name !== key) return name;
  return [stack, service, '1'].join(provider === 'docker-compose' || unit === '' ? '-' : '_');
};

/** Whether podman believes that it runs, and lists it so (facts-debian13 F84, F86). */
export const isUp = ({ state }: Container): boolean => state === 'running' || state === 'unwatched' || state === 'dead';
