import { type ContainerFields, madeOf, withFields } from '../../../../models/machine/container-fields.ts';
import { broken, type ServiceDeclaration, type StackDeclaration } from '../../../../models/machine/declaration.ts';
import { containerKey, unitOf } from '../../../../models/machine/search-path.ts';
import { type Container, hexId, type SimulatedMachine } from '../machine.ts';
import { linesOfNew } from './resources.ts';

/** The containers of a service, oldest first. */
export const containersOf = (machine: SimulatedMachine, stack: string, service: string): readonly Container[] =>
  machine.containers.filter(one => one.stack === stack && one.service === service);

/** The containers of a project, oldest first. */
export const projectContainers = (machine: SimulatedMachine, stack: string): readonly Container[] =>
  machine.containers.filter(one => one.stack === stack);

/**
 * Pulls the image of a tag if it is not on the machine; false if the registry does not have it either. A build that any tag
 * brought is also found by its digest.
 */
export function pulled(machine: SimulatedMachine, tag: string, always = false): boolean {
  if (!always && localImage(machine, tag) !== undefined) return true;
  const version = machine.registryUp ? machine.registry.get(tag) : undefined;
  if (version === undefined) return false;
  machine.images = new Map(machine.images).set(tag, version);
  return true;
}

/** The build that a tag or digest stands for on this machine. */
export const localImage = ({ images }: SimulatedMachine, tag: string): string | undefined =>
  images.get(tag) ?? (tag.startsWith('@') && [...images.values()].includes(tag.slice(1)) ? tag.slice(1) : undefined);

/** The image name of a container that was asked for over the socket: a digest only if its image has two names. */
function calledBySocket({ images }: SimulatedMachine, tag: string, image: string): string {
  if (!tag.startsWith('@')) return tag;
  const names = [...images].filter(([, build]) => build === image).map(([name]) => name);
  return names.length === 1 ? (names[0] as string) : tag;
}

/** What a new container is made from. */
export interface WantedContainer {
  readonly stack: string;
  readonly service: string;
  readonly declared: ServiceDeclaration;
  readonly marker: string;
  readonly hash: string;
  readonly requires: readonly number[];
  /** The compose file that declares it. */
  readonly project: StackDeclaration;
  /** Its label stack.definition, if the profile gives it one; then its label of the unit is right too. */
  readonly definition?: string;
}

/** Creates a container of an image that is there, and starts it unless told otherwise. */
export function created(machine: SimulatedMachine, wanted: WantedContainer, isStarted = true): Container {
  const { stack, service, marker, hash, requires, definition, project } = wanted;
  const { tag, healthcheck } = wanted.declared;
  const id = ++machine.clock;
  const secretTexts = textsIn(machine, project.secrets);
  const image = localImage(machine, tag) as string;
  // If podman itself is run, the variable that the profile's unit sets is stronger than the label (facts.md F46).
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
  const key = containerKey(stack, service);
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

/** The texts of the env files that a container is given, in the form of `secretTexts`; a malformed file counts as empty. */
export const textsIn = ({ secrets: { missing, malformed, rotated } }: SimulatedMachine, names: readonly string[]) =>
  names
    .filter(name => !missing.has(name) && !malformed.has(name))
    .sort()
    .map(name => `${name}=${rotated.has(name) ? 2 : 1}`)
    .join(' ');

/** Starts a container that does not run: the same container, from the image that it was created from. */
export function containerStarted(machine: SimulatedMachine, container: Container): void {
  if (container.state === 'running' || container.state === 'unwatched') return;
  container.startedAt = ++machine.clock;
  container.state = cannotRun(container) || container.ends !== null ? 'exited' : 'running';
  container.health = healthOf(container);
}

/** Whether the program of its image ends at once; never if a stand-in runs instead. */
const cannotRun = ({ image, isStandIn }: Container): boolean => image === broken && !isStandIn;

/** The result of the first probe, which runs at the start (facts-debian13 F95). */
function healthOf(container: Container): Container['health'] {
  const { healthcheck, sick } = container;
  if (healthcheck === 'none') return '';
  if (healthcheck === 'slow' || cannotRun(container)) return 'starting';
  return healthcheck === 'failing' || sick ? 'unhealthy' : 'healthy';
}

/** Stops a container; no restart follows. The last output of its healthcheck stays (facts.md F57). */
export function containerStopped(container: Container): void {
  if (container.state !== 'created') container.state = 'exited';
}

/** The payload ends by itself. Then the restart policy is applied, unless a stop was asked for. */
export function payloadEnded(machine: SimulatedMachine, container: Container): void {
  container.state = 'exited';
  if (container.restart !== 'no') containerStarted(machine, container);
}

/** Removes a container, running or not. */
export function containerRemoved(machine: SimulatedMachine, container: Container): void {
  machine.containers.splice(machine.containers.indexOf(container), 1);
}

/** SIGTERM to every conmon of a unit; each sends it on to its payload (facts-debian13 F75). */
export function terminated(machine: SimulatedMachine, unit: string): void {
  for (const container of machine.containers) if (livesIn(container, unit)) payloadEnded(machine, container);
}

/**
 * Whether podman-compose's conmon of a container is in a unit's control group; false for a container that was made by hand, and
 * for a conmon that was killed (facts-debian13 F74, F77).
 */
export const livesIn = (container: Container, unit: string): boolean =>
  container.unit === unit && container.state === 'running';

/** The full id, which podman's errors name. */
export const fullId = ({ id }: Container): string => hexId(id).padEnd(64, '0');

/** The name that podman knows it by: the providers join its parts in different ways. */
export const nameOf = ({ provider }: SimulatedMachine, { key, name, stack, service, unit }: Container): string => {
  if (name !== key) return name;
  return [stack, service, '1'].join(provider === 'docker-compose' || unit === '' ? '-' : '_');
};

/** Whether podman lists it as running (facts-debian13 F84, F86). */
export const isUp = ({ state }: Container): boolean => state === 'running' || state === 'unwatched' || state === 'dead';
