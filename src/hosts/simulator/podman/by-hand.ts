import { type Handling, Sick } from '../../../../models/host.ts';
import {
  type ContainerFields,
  fieldsByHand,
  lostInCopies,
  withFields,
} from '../../../../models/machine/container-fields.ts';
import { broken } from '../../../../models/machine/declaration.ts';
import { type Container, copied, fine, hexId, type Said, type SimulatedMachine } from '../machine.ts';
import { containerRemoved, containerStopped, containersOf, fullId, localImage, payloadEnded } from './podman.ts';

/** What is done by hand to the containers of a service, which are found by their labels. */
export function handled(machine: SimulatedMachine, action: Handling, stack: string, service: string): Said {
  const containers = containersOf(machine, stack, service);
  if (containers.length === 0) return { status: 1, message: `no container of ${stack}/${service}` };
  mustBePossible(containers, action);
  const names: string[] = [];
  for (const container of containers) {
    const refused = done(machine, action, container);
    if (refused !== null) return refused;
    names.push(hexId(container.id));
  }
  return { ...fine, message: names.join('\n') };
}

/**
 * What is impossible is no claim: a signal needs exactly one running process, a new name exactly one container that does not
 * have it.
 */
function mustBePossible(containers: readonly Container[], action: Handling): void {
  if (action === 'stop' || action === 'remove') return;
  const [only, ...more] = containers;
  const isFit = action === 'rename' ? only?.name === only?.key : only?.state === 'running';
  if (more.length > 0 || !isFit) throw new Sick(`${action}: there is not one container to do it to`);
}

function done(machine: SimulatedMachine, action: Handling, container: Container): Said | null {
  switch (action) {
    case 'stop': {
      const isLost = container.state === 'unwatched' || container.state === 'dead';
      containerStopped(container);
      return isLost ? lost(container) : null;
    }
    case 'remove':
      return removal(machine, container);
    case 'kill':
      if (container.state === 'running') payloadEnded(machine, container);
      return null;
    case 'kill-conmon':
      if (container.state === 'running') container.state = 'unwatched';
      return null;
    case 'kill-both':
      if (container.state === 'running') container.state = 'dead';
      return null;
    case 'rename':
      container.name = `${container.stack}-${container.service}-renamed`;
      return null;
    case 'relabel':
      return removal(machine, container) ?? relabelled(machine, container);
  }
}

function removal(machine: SimulatedMachine, container: Container): Said | null {
  const needs = machine.containers.find(one => one.requires.includes(container.id));
  if (needs !== undefined) return refusedRemoval(container, needs);
  if (container.state === 'unwatched' || container.state === 'dead') {
    // It ends, but only the next removal removes it (facts-debian13 F84).
    containerStopped(container);
    const { status, message } = lost(container);
    const why = message.replace(/^Error: /, '');
    return {
      status,
      message: `Error: cannot remove container ${fullId(container)} as it could not be stopped: ${why}`,
    };
  }
  containerRemoved(machine, container);
  return null;
}

/** Podman cannot change a label: the container is made anew by hand, without what compose gave it. */
function relabelled(machine: SimulatedMachine, container: Container): null {
  const id = ++machine.clock;
  const unit = 'another.service';
  const more = {
    ...lostInCopies,
    healthcheck: 'none',
    health: '',
    sick: false,
    requires: [],
    handMade: true,
    seen: null,
  } as const;
  const image = localImage(machine, container.tag) ?? container.image;
  const state = image === broken ? 'exited' : 'running';
  machine.containers.push(copied({ ...container, ...more, id, startedAt: id, image, state, unit, seenStart: null }));
  return null;
}

/** Adds a container that no compose file declares: one in a stack's project, or one of no project on the stack's network. */
export function withContainerAdded(machine: SimulatedMachine, kind: 'foreign' | 'on-network', stack: string): void {
  const service = kind === 'foreign' ? 'intruder' : `${stack}-holder`;
  const project = kind === 'foreign' ? stack : '';
  const key = kind === 'foreign' ? `${stack}/${service}` : `-/${service}`;
  const id = ++machine.clock;
  const guests = machine.networks.get(stack);
  if (kind === 'on-network' && guests !== undefined) {
    machine.networks = new Map(machine.networks).set(stack, new Set(guests).add(id));
  }
  const own: Omit<Container, keyof ContainerFields> = {
    id,
    stack: project,
    service,
    key,
    state: 'running',
    startedAt: id,
    imageName: 'v1',
    healthcheck: 'none',
    health: '',
    ends: null,
    isStandIn: false,
    sick: false,
    handMade: true,
    definition: '',
    given: '',
    hash: '',
    requires: [],
    seen: null,
    seenStart: null,
  };
  const image = machine.images.get('v1') ?? 'v1';
  const name = kind === 'foreign' ? key : service;
  machine.containers.push(withFields(own, Object.assign({ name }, fieldsByHand, { image })));
}

/** Makes the probe of a service's containers fail or pass from now on, and runs it. */
export function withHealth(machine: SimulatedMachine, stack: string, service: string, sick: boolean): void {
  for (const container of containersOf(machine, stack, service)) {
    container.sick = sick;
    if (container.state === 'running' && container.healthcheck === 'passing') {
      container.health = sick ? 'unhealthy' : 'healthy';
    }
  }
}

/** Podman stops a container whose conmon is gone, but says that it did not stop it (facts-debian13 F84). */
const lost = (container: Container): Said => ({
  status: 125,
  message: `Error: container ${fullId(container)} conmon exited prematurely, exit code could not be retrieved: internal libpod error`,
});

/**
 * A container made with --requires, as podman-compose does it, keeps the one that it requires from being removed
 * (facts-debian13 F80).
 */
const refusedRemoval = (container: Container, needs: Container): Said => ({
  status: 125,
  message: `Error: container ${fullId(container)} has dependent containers which must be removed before it: ${fullId(needs)}: container already exists`,
});
