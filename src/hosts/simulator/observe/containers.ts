import { withFields } from '../../../../models/machine/container-fields.ts';
import type { ContainerSeen, Observation } from '../../../../models/observation.ts';
import type { Container, SimulatedMachine } from '../machine.ts';
import type { Observer } from './observer.ts';

/** The containers, by stack and service; from the second of one service on the key has a number. */
export function simulatedContainers(machine: SimulatedMachine, observer: Observer): Observation['containers'] {
  const { containers } = machine;
  const before = observer.last?.containers;
  let same = before !== undefined;
  for (const container of containers) {
    const now = containerSeen(container, observer);
    same &&= before?.[container.key] === now;
  }
  if (same && before && Object.keys(before).length === containers.length) return before;
  const seen: Record<string, ContainerSeen> = {};
  const keys: string[] = [];
  for (const container of containers) {
    const key = free(seen, container.key);
    seen[key] = container.seen as ContainerSeen;
    keys.push(key);
  }
  const sorted: Record<string, ContainerSeen> = {};
  for (const key of keys.sort()) sorted[key] = seen[key] as ContainerSeen;
  return sorted;
}

function free(taken: Readonly<Record<string, unknown>>, key: string): string {
  let nth = 1;
  while (Object.hasOwn(taken, nth === 1 ? key : `${key}#${nth}`)) nth++;
  return nth === 1 ? key : `${key}#${nth}`;
}

function containerSeen(container: Container, observer: Observer): ContainerSeen {
  const { seen, startedAt, seenStart } = container;
  const restarted = seenStart !== null && seenStart !== startedAt;
  container.seenStart = startedAt;
  if (
    seen !== null &&
    seen.restarted === restarted &&
    seen.state === container.state &&
    seen.health === container.health &&
    seen.name === container.name &&
    seen.settings === container.settings &&
    seen.effect === container.effect
  ) {
    return seen;
  }
  const instance = seen?.instance ?? (observer.instances.get(container.key) ?? 0) + 1;
  if (seen === null) observer.instances = new Map(observer.instances).set(container.key, instance);
  // Nothing here gives a container other variables than its fields say.
  const now = withFields(
    { state: container.state, health: container.health, instance, restarted, variables: 1 },
    container,
  );
  now.tag = container.imageName;
  container.seen = now;
  return now;
}
