import { sharedWith } from '../../../../models/machine/compose-project.ts';
import { type Container, fine, type Said, type SimulatedMachine } from '../machine.ts';
import {
  containerRemoved,
  containerStarted,
  containerStopped,
  containersOf,
  created,
  fullId,
  localImage,
  projectContainers,
  pulled,
  textsIn,
} from '../podman/podman.ts';
import { type ComposeRun, readProject, type Service } from './compose.ts';

/**
 * `docker compose up -d --remove-orphans`: images first, then orphans, then each service. A service is recreated if its
 * configuration or its local image differs; then every service that depends on it is recreated too (facts-debian13 F79).
 */
export function dockerUp(machine: SimulatedMachine, run: ComposeRun): Said {
  const project = readProject(run.project);
  if (run.project.secrets.some(secret => machine.secrets.malformed.has(secret))) return unreadable;
  for (const { declared } of project.services) {
    if (!pulled(machine, declared.tag, declared.pull === 'always')) return machine.registryUp ? noImage : noRegistry;
  }
  for (const container of projectContainers(machine, run.stack)) {
    // A service that a compose profile switches off is no orphan: its container stays as it is (seen on 2.26.1).
    if (project.names.has(container.service) || project.off.has(container.service)) continue;
    if (requiring(machine, container).length > 0) return held(machine, container);
    if (container.state === 'unwatched' || container.state === 'dead') return unstoppable(container);
    containerRemoved(machine, container);
  }
  const recreated = new Set<string>();
  let failed: Said | null = null;
  for (const service of project.services) {
    const depends = service.declared.dependsOn.some(name => recreated.has(name));
    failed ??= unmetDependency(machine, run, service);
    const came = converged(machine, run, service, depends, failed === null);
    if (came === 'held') return held(machine, containersOf(machine, run.stack, service.name)[0] as Container);
    if (came === 'recreated') recreated.add(service.name);
  }
  return failed ?? fine;
}

/**
 * Why a service is not started: a dependency did not end with 0, or is not healthy. All containers are created before this
 * check.
 */
function unmetDependency(
  machine: SimulatedMachine,
  { stack }: ComposeRun,
  { name, own, declared }: Service,
): Said | null {
  for (const other of declared.dependsOn) {
    const [container] = containersOf(machine, stack, other);
    const condition = own?.dependsOn[other];
    if (container === undefined || condition === undefined || condition === 'service_started') continue;
    if (condition === 'service_completed_successfully') {
      if (container.ends === null) return { ...neverEnds(name, other), hangs: true };
      if (container.ends !== 0) return neverEnds(other, `${container.ends}`);
    } else if (container.healthcheck === 'none') return noHealthcheck(other);
    else if (container.health === 'starting') return { status: 1, message: '', hangs: true };
    else if (container.health !== 'healthy') return unhealthy(other);
  }
  return null;
}

const neverEnds = (service: string, exit: string): Said => ({
  status: 1,
  message: `service "${service}" didn't complete successfully: exit ${exit}`,
});
const noHealthcheck = (service: string): Said => ({
  status: 1,
  message: `dependency failed to start: container for service "${service}" has no healthcheck configured`,
});
const unhealthy = (service: string): Said => ({
  status: 1,
  message: `dependency failed to start: container for service "${service}" is unhealthy`,
});

/** The containers that use this one's network: podman keeps it for them. */
const requiring = (machine: SimulatedMachine, { id }: Container): readonly Container[] =>
  machine.containers.filter(({ requires }) => requires.includes(id));

/** Podman does not remove a container whose network another one uses, and names those that do. */
const held = (machine: SimulatedMachine, container: Container): Said => ({
  status: 1,
  message: `Error response from daemon: container ${fullId(container)} has dependent containers which must be removed before it: ${requiring(machine, container).map(fullId).join(', ')}: container already exists`,
});

function converged(
  machine: SimulatedMachine,
  run: ComposeRun,
  service: Service,
  forced: boolean,
  isStarted: boolean,
): 'recreated' | 'kept' | 'made' | 'held' {
  // The hash includes the text of the env files (facts.md F104).
  const hash = `${run.marker}\n${service.text}\n${textsIn(machine, run.project.secrets)}`;
  const { stack } = run;
  const [container, ...more] = containersOf(machine, stack, service.name);
  for (const extra of more) containerRemoved(machine, extra);
  const { marker, definition } = run;
  const { name, declared, own } = service;
  const shares = sharedWith(own?.networkMode ?? null);
  const requires = shares === null ? none : containersOf(machine, stack, shares).map(({ id }) => id);
  const { project } = run;
  const wanted =
    definition === undefined
      ? { stack, service: name, declared, marker, hash, requires, project }
      : { stack, service: name, declared, marker, hash, requires, project, definition };
  if (container === undefined) {
    created(machine, wanted, isStarted);
    return 'made';
  }
  if (forced || container.hash !== hash || container.image !== localImage(machine, service.declared.tag)) {
    if (requiring(machine, container).length > 0) {
      // The new container is created under another name and the old one is stopped; then the old one cannot be removed.
      created(machine, wanted, false).name = `${fullId(container).slice(0, 12)}_${stack}-${name}-1`;
      containerStopped(container);
      return 'held';
    }
    containerRemoved(machine, container);
    created(machine, wanted, isStarted);
    return 'recreated';
  }
  if (isStarted) containerStarted(machine, container);
  return 'kept';
}

const none: readonly number[] = [];

/**
 * `docker compose stop` stops the services that the file names, and nothing that an older file left. If the file cannot be read
 * because an env file is missing, it uses only COMPOSE_PROJECT_NAME, and stops every container of the project (seen on 2.26.1).
 */
export function dockerStop(machine: SimulatedMachine, run: ComposeRun): Said {
  const { names, services } = readProject(run.project);
  const { missing, malformed } = machine.secrets;
  const isUnreadable = run.project.secrets.some(secret => missing.has(secret) || malformed.has(secret));
  // It searches by a label that it sets itself; containers that others run under the project's name do not have that label.
  const ours = projectContainers(machine, run.stack).filter(
    ({ unit, service }) => unit !== '' && (isUnreadable || names.has(service)),
  );
  // What others depend on is stopped after them, and no longer once something could not be stopped (facts.md F220).
  for (let left = ours; left.length > 0; ) {
    const needed = new Set(services.flatMap(({ name, declared }) => (isIn(left, name) ? declared.dependsOn : [])));
    const free = left.filter(({ service }) => !needed.has(service));
    const now = free.length === 0 ? left : free;
    const gone = now.find(({ state }) => state === 'unwatched' || state === 'dead');
    for (const container of now) containerStopped(container);
    if (gone !== undefined) return lost(gone);
    left = left.filter(container => !now.includes(container));
  }
  return fine;
}

const isIn = (containers: readonly Container[], name: string): boolean =>
  containers.some(({ service }) => service === name);

/** Then it does nothing more, although the container has ended (seen on 2.26.1). */
function unstoppable(container: Container): Said {
  containerStopped(container);
  return lost(container);
}

/** Podman stops a container whose conmon is gone, but says that it did not stop it (facts-debian13 F84). */
const lost = (container: Container): Said => ({
  status: 1,
  message: `Error response from daemon: container ${fullId(container)} conmon exited prematurely, exit code could not be retrieved: internal libpod error`,
});

/**
 * A malformed env file ends the command before anything is changed (facts-debian13 F78: status 15). The message names the line,
 * but not the file (seen on 2.26.1).
 */
const unreadable: Said = { status: 15, message: 'line 1: key cannot contain a space' };

/** If a pull fails, `up` ends before it creates anything (facts-debian13 F78: status 18). */
const noImage: Said = {
  status: 18,
  message: 'Error response from daemon: {"message":"manifest unknown: manifest unknown"}',
};
const noRegistry: Said = { status: 18, message: 'Error response from daemon: {"message":"connection refused"}' };
