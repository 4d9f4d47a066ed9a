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
    if (!pulled(machine, declared.tag)) return machine.registryUp ? noImage : noRegistry;
  }
  for (const container of projectContainers(machine, run.stack)) {
    if (project.names.has(container.service)) continue;
    if (container.state === 'unwatched' || container.state === 'dead') return unstoppable(container);
    containerRemoved(machine, container);
  }
  const recreated = new Set<string>();
  for (const service of project.services) {
    const depends = service.declared.dependsOn.some(name => recreated.has(name));
    if (converged(machine, run, service, depends) === 'recreated') recreated.add(service.name);
  }
  return fine;
}

function converged(
  machine: SimulatedMachine,
  run: ComposeRun,
  service: Service,
  forced: boolean,
): 'recreated' | 'kept' | 'made' {
  const hash = `${run.marker}\n${service.text}`;
  const { stack } = run;
  const [container, ...more] = containersOf(machine, stack, service.name);
  for (const extra of more) containerRemoved(machine, extra);
  const { marker, definition } = run;
  const { name, declared } = service;
  const wanted =
    definition === undefined
      ? { stack, service: name, declared, marker, hash, requires: none }
      : { stack, service: name, declared, marker, hash, requires: none, definition };
  if (container === undefined) {
    created(machine, wanted);
    return 'made';
  }
  if (forced || container.hash !== hash || container.image !== localImage(machine, service.declared.tag)) {
    containerRemoved(machine, container);
    created(machine, wanted);
    return 'recreated';
  }
  containerStarted(machine, container);
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
