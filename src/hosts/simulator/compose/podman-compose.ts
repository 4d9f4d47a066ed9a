import type { DependencyCondition } from '../../../../models/machine/compose-project.ts';
import { type Container, fine, type Said, type SimulatedMachine } from '../machine.ts';
import {
  containerRemoved,
  containerStarted,
  containerStopped,
  containersOf,
  created,
  isUp,
  projectContainers,
  pulled,
} from '../podman/podman.ts';
import { networksRemoved } from '../podman/resources.ts';
import { type ComposeRun, readProject } from './compose.ts';

/**
 * `podman-compose up -d --remove-orphans`, 1.3: there is one hash for the whole file, so any difference takes all containers
 * down. A newer image alone is no difference. The exit status is 0 even if something failed (facts.md F52; facts-debian13 F80).
 */
export function podmanComposeUp(machine: SimulatedMachine, run: ComposeRun): Said {
  const project = readProject(run.project);
  const hash = `${run.marker}\n${project.text}`;
  const existing = projectContainers(machine, run.stack);
  if (existing.some(container => container.hash !== hash)) {
    for (const container of existing) containerRemoved(machine, container);
    networksRemoved(machine, run.stack);
  }
  const { stack } = run;
  for (const { name, declared, own } of project.services) {
    const container = named(machine, stack, name);
    const needed = declared.dependsOn.map(other => named(machine, stack, other));
    const waits = () => needed.some(one => one === undefined || !hasCome(one, own?.dependsOn[one.service]));
    // If a dependency is a job that has dependencies itself, podman-compose never starts this service (seen on 1.3.0).
    const isLost = needed.some(one => one !== undefined && one.ends !== null && one.requires.length > 0);
    if (container !== undefined) {
      if (isLost) continue;
      if (waits()) return endlessWait;
      startedWithNeeds(machine, container);
    } else if (pulled(machine, declared.tag) && !needed.includes(undefined)) {
      const requires = needed.map(one => one?.id as number);
      created(machine, { ...run, service: name, declared, hash, requires }, !isLost);
    }
    if (!isLost && waits()) return endlessWait;
  }
  return fine;
}

/** Whether a dependency has reached the state that its condition asks for. A job that failed counts as completed. */
function hasCome(container: Container, condition: DependencyCondition | undefined): boolean {
  if (condition === 'service_completed_successfully') return !isUp(container);
  return isUp(container) && (condition !== 'service_healthy' || container.health === 'healthy');
}

/**
 * podman-compose waits without end until every dependency runs, even one that has already ended: after it created a container,
 * and before it starts an old one (seen on 1.3.0).
 */
const endlessWait: Said = { status: 1, message: '', hangs: true };

/** `podman start`: what a container requires is started first, even if it was renamed (seen on podman 5.4.2). */
function startedWithNeeds(machine: SimulatedMachine, container: Container): void {
  for (const needed of machine.containers.filter(({ id }) => container.requires.includes(id))) {
    startedWithNeeds(machine, needed);
  }
  containerStarted(machine, container);
}

/** podman-compose knows its containers by name: a container that somebody renamed is not its own (seen on 1.3.0). */
const named = (machine: SimulatedMachine, stack: string, service: string): Container | undefined =>
  containersOf(machine, stack, service).find(({ name, key }) => name === key);

/** `podman-compose stop` stops the services that the file names, and reports no failure. */
export function podmanComposeStop(machine: SimulatedMachine, run: ComposeRun): Said {
  const { names } = readProject(run.project);
  for (const container of projectContainers(machine, run.stack)) {
    if (names.has(container.service) && container.name === container.key) containerStopped(container);
  }
  return fine;
}
