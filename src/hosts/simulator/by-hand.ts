import { type Handling, Unable } from '../../../models/host.ts';
import { type Container, fine, hexId, type Machine, type Said } from './machine.ts';
import { containersOf, ended, fullId, removed, stopped } from './podman.ts';

/** What a hand does to the containers of a service, found by their labels. */
export function handled(machine: Machine, action: Handling, stack: string, service: string): Said {
  const containers = containersOf(machine, stack, service);
  if (containers.length === 0) return { status: 1, message: `no container of ${stack}/${service}` };
  const names: string[] = [];
  for (const container of containers) {
    const refused = done(machine, action, container);
    if (refused !== null) return refused;
    names.push(hexId(container.id));
  }
  return { ...fine, message: names.join('\n') };
}

function done(machine: Machine, action: Handling, container: Container): Said | null {
  switch (action) {
    case 'stop':
      stopped(container);
      return null;
    case 'remove':
      return removal(machine, container);
    case 'kill':
      if (container.state === 'running') ended(machine, container);
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
      throw new Unable('no relabelling yet');
  }
}

function removal(machine: Machine, container: Container): Said | null {
  const needs = machine.containers.find(one => one.requires.includes(container.id));
  if (needs !== undefined) return refusedRemoval(container, needs);
  removed(machine, container);
  return null;
}

/** A container made with --requires, as podman-compose makes them, holds the one it requires (facts-debian13 F80). */
const refusedRemoval = (container: Container, needs: Container): Said => ({
  status: 125,
  message: `Error: container ${fullId(container)} has dependent containers which must be removed before it: ${fullId(needs)}: container already exists`,
});
