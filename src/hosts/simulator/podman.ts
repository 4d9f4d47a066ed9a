import type { ServiceDeclaration } from '../../../models/declaration.ts';
import { type Container, fine, hexId, type Machine, type Said } from './machine.ts';

/** The containers of a service, oldest first. */
export const containersOf = (machine: Machine, stack: string, service: string): readonly Container[] =>
  machine.containers.filter(one => one.stack === stack && one.service === service);

/** The containers of a project, oldest first. */
export const projectContainers = (machine: Machine, stack: string): readonly Container[] =>
  machine.containers.filter(one => one.stack === stack);

/** Pulls the image of a tag where it is not there; false where the registry does not have it either. */
export function pulled(machine: Machine, tag: string): boolean {
  if (machine.images.has(tag)) return true;
  const version = machine.registry.get(tag);
  if (version === undefined) return false;
  machine.images.set(tag, version);
  return true;
}

/** What tells a new container from another of the same service. */
export interface Wanted {
  readonly stack: string;
  readonly service: string;
  readonly declared: ServiceDeclaration;
  readonly marker: string;
  readonly hash: string;
  readonly requires: readonly number[];
}

/** Creates and starts a container of an image that is there. */
export function created(machine: Machine, { stack, service, declared, marker, hash, requires }: Wanted): Container {
  const { tag, greeting, autoUpdate, healthcheck } = declared;
  const image = machine.images.get(tag) as string;
  const id = ++machine.clock;
  const container: Container = {
    id,
    stack,
    service,
    key: `${stack}/${service}`,
    state: 'running',
    startedAt: id,
    image,
    tag,
    greeting,
    marker,
    autoUpdate,
    healthcheck: healthcheck !== 'none',
    hash,
    requires,
    seen: null,
    seenStart: null,
  };
  machine.containers.push(container);
  return container;
}

/** Starts a container that does not run: the same container, from the image that it was made of. */
export function started(machine: Machine, container: Container): void {
  if (container.state === 'running') return;
  container.state = 'running';
  container.startedAt = ++machine.clock;
}

/** Ends a container. What its healthcheck said last stays (facts.md F57). */
export function stopped(container: Container): void {
  container.state = 'exited';
}

/** Removes a container, running or not. */
export function removed(machine: Machine, container: Container): void {
  machine.containers.splice(machine.containers.indexOf(container), 1);
}

/** `podman stop` or `podman rm -f` the containers of a service, found by their labels. */
export function handled(machine: Machine, action: 'stop' | 'remove', stack: string, service: string): Said {
  const containers = containersOf(machine, stack, service);
  if (containers.length === 0) return { status: 1, message: `no container of ${stack}/${service}` };
  const names: string[] = [];
  for (const container of containers) {
    if (action === 'stop') stopped(container);
    else {
      const needs = machine.containers.find(one => one.requires.includes(container.id));
      if (needs !== undefined) return refusedRemoval(container, needs);
      removed(machine, container);
    }
    names.push(hexId(container.id));
  }
  return { ...fine, message: names.join('\n') };
}

/** A container made with --requires, as podman-compose makes them, holds the one it requires (facts-debian13 F80). */
const refusedRemoval = (container: Container, needs: Container): Said => ({
  status: 125,
  message: `Error: container ${fullId(container)} has dependent containers which must be removed before it: ${fullId(needs)}: container already exists`,
});

/** The whole of an id, which podman's errors name. */
export const fullId = ({ id }: Container): string => hexId(id).padEnd(64, '0');
