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
 * `docker compose up -d --remove-orphans`: images first, then orphans, then every service by itself. A service is
 * recreated where its configuration or its local image differs, and with it whoever depends on it (facts-debian13 F79).
 */
export function dockerUp(machine: SimulatedMachine, run: ComposeRun): Said {
  const project = readProject(run.project);
  if (run.project.secrets.some(secret => machine.secrets.malformed.has(secret))) return unreadable;
  for (const { declared } of project.services) {
    if (!pulled(machine, declared.tag, declared.pull === 'always')) return machine.registryUp ? noImage : noRegistry;
  }
  for (const container of projectContainers(machine, run.stack)) {
    // What a compose profile switches off is no orphan, and runs on (seen on 2.26.1).
    if (project.names.has(container.service) || project.off.has(container.service)) continue;
    if (isRequired(machine, container)) return held(container);
    if (container.state === 'unwatched' || container.state === 'dead') return unstoppable(container);
    containerRemoved(machine, container);
  }
  const recreated = new Set<string>();
  let failed: Said | null = null;
  for (const service of project.services) {
    const depends = service.declared.dependsOn.some(name => recreated.has(name));
    failed ??= waitsInVain(machine, run, service);
    const came = converged(machine, run, service, depends, failed === null);
    if (came === 'held') return held(containersOf(machine, run.stack, service.name)[0] as Container);
    if (came === 'recreated') recreated.add(service.name);
  }
  return failed ?? fine;
}

/** Why a service is not started: what it depends on did not end well, or is not healthy. Containers are all made before it. */
function waitsInVain(machine: SimulatedMachine, { stack }: ComposeRun, { name, own, declared }: Service): Said | null {
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

/** Whether podman keeps a container for another's sake, whose network it is. */
const isRequired = (machine: SimulatedMachine, { id }: Container): boolean =>
  machine.containers.some(({ requires }) => requires.includes(id));

/** Podman removes no container whose network another one uses. */
const held = (container: Container): Said => ({
  status: 1,
  message: `Error response from daemon: container ${fullId(container)} has dependent containers which must be removed before it`,
});

function converged(
  machine: SimulatedMachine,
  run: ComposeRun,
  service: Service,
  forced: boolean,
  isStarted: boolean,
): 'recreated' | 'kept' | 'made' | 'held' {
  // With its env files resolved (facts.md F104).
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
    if (isRequired(machine, container)) {
      // The new one is made under another name, the old one is stopped, and then cannot be removed.
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
 * `docker compose stop`: the services that the file names, not what an older file left behind. Where the file cannot be
 * read, for want of an env file, it goes by COMPOSE_PROJECT_NAME alone and stops all there is (seen on 2.26.1).
 */
export function dockerStop(machine: SimulatedMachine, run: ComposeRun): Said {
  const { names } = readProject(run.project);
  const { missing, malformed } = machine.secrets;
  const isUnreadable = run.project.secrets.some(secret => missing.has(secret) || malformed.has(secret));
  let said = fine;
  for (const container of projectContainers(machine, run.stack)) {
    // It goes by a label of its own making, which what others run under the project's name has not.
    if (container.unit === '' || (!isUnreadable && !names.has(container.service))) continue;
    if (container.state === 'unwatched' || container.state === 'dead') said = lost(container);
    containerStopped(container);
  }
  return said;
}

/** Then nothing more is done, though the container has ended (seen on 2.26.1). */
function unstoppable(container: Container): Said {
  containerStopped(container);
  return lost(container);
}

/** A container that podman lost hold of is stopped all right, but podman says that it was not (facts-debian13 F84). */
const lost = (container: Container): Said => ({
  status: 1,
  message: `Error response from daemon: container ${fullId(container)} conmon exited prematurely, exit code could not be retrieved: internal libpod error`,
});

/**
 * An env file that makes no sense ends it before anything is touched (facts-debian13 F78: status 15). It says which line
 * is at fault, and not of which file (seen on 2.26.1).
 */
const unreadable: Said = { status: 15, message: 'line 1: key cannot contain a space' };

/** A pull that fails ends `up` before anything is made (facts-debian13 F78: status 18). */
const noImage: Said = {
  status: 18,
  message: 'Error response from daemon: {"message":"manifest unknown: manifest unknown"}',
};
const noRegistry: Said = { status: 18, message: 'Error response from daemon: {"message":"connection refused"}' };
